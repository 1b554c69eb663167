export default {
  title: 'Batteria {id}', what: '{kwh} kWh {chemistry}', chemistries: { none: 'chimica non impostata', lfp: 'LFP', nmc: 'NMC', lead_acid: 'piombo', custom: 'su misura' }, facts: 'Dati',
  charge: 'carica', temp: 'temperatura', power: 'potenza', holds: 'contiene ora', ofWhenNew: 'di {kwh} kWh da nuova', health: 'salute', cycles: 'cicli completi in 30 giorni', cyclesNote: 'dalla sola carica, da {low} a {high}, su {h} h misurate',
  notHeard: 'mai sentito', needsPower: 'serve un misuratore di potenza', needsSize: 'serve la sua grandezza nella configurazione', needsCurrent: 'serve la corrente del pacco', neverGuessed: 'mai indovinata dalla sola carica', into: 'nella batteria', outOf: 'dalla batteria',
  lived: 'Dove ha vissuto, {n} giorni', hours: 'ore', lifeHow: 'Ogni quadrato è una carica e una temperatura; più è pieno, più ore. Cornice intera: si può caricare. Tratteggiata: scaricare. L’anello è adesso.', lifeNone: 'Di questi giorni non c’è ancora nulla. Cornice intera: si può caricare. Tratteggiata: scaricare. L’anello è adesso.',
  lifeLabel: 'Carica e temperatura in 30 giorni, le ore come grandezza dei quadrati.', lifeNow: 'Adesso {now}.', lifeLimits: 'Si può caricare da {low} a {high} °C fino al {to} %; scaricare da {dLow} a {dHigh} °C fino al {from} %.',
  limitsTitle: 'Limiti e da dove vengono', limit: 'limite', stops: 'si ferma a', again: 'di nuovo a', twoReadings: '2 letture', usual: 'di fabbrica', fromPreset: 'di fabbrica per {chemistry}', narrower: 'Puoi stringere i limiti. Più larghi di quelli di fabbrica richiedono la chimica “custom”.',
  limits: { ceiling_pct: 'tetto', reserve_pct: 'riserva', charge_max_c: 'caldo, in carica', charge_min_c: 'freddo, in carica', discharge_max_c: 'caldo, in scarica', discharge_min_c: 'freddo, in scarica', stale_after_s: 'silenzio' },
  healthTitle: 'Salute dall’inizio', healthNeeds: 'Serve la corrente del pacco. Dalla sola carica e temperatura Amphora conta i cicli; non indovina la salute.',
};
