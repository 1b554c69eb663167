export default {
  title: 'Battery {id}', what: '{kwh} kWh {chemistry}', chemistries: { none: 'chemistry not set', lfp: 'LFP', nmc: 'NMC', lead_acid: 'lead-acid', custom: 'custom' }, facts: 'Facts',
  charge: 'charge', temp: 'temperature', power: 'power', holds: 'holds now', ofWhenNew: 'of {kwh} kWh when new', health: 'health', cycles: 'full cycles in 30 days', cyclesNote: 'from charge alone, {low} to {high}, of {h} h measured',
  notHeard: 'not heard yet', needsPower: 'needs a power meter', needsSize: 'needs its size in the configuration', needsCurrent: 'needs pack current', neverGuessed: 'never guessed from charge alone', into: 'into the battery', outOf: 'out of the battery',
  lived: 'Where it has lived, {n} days', hours: 'hours', lifeHow: 'Each square is a charge and a temperature; the fuller, the more hours. Solid frame: charging is allowed. Dashed: discharging. The ring is now.', lifeNone: 'Nothing is stored of these days yet. Solid frame: charging is allowed. Dashed: discharging. The ring is now.',
  lifeLabel: 'Charge against temperature over 30 days, hours as the size of squares.', lifeNow: 'Now {now}.', lifeLimits: 'Charging is allowed from {low} to {high} °C up to {to} %; discharging from {dLow} to {dHigh} °C down to {from} %.',
  limitsTitle: 'Limits and where they come from', limit: 'limit', stops: 'stops at', again: 'again at', twoReadings: '2 readings', usual: 'as it comes', fromPreset: 'from preset {chemistry}', narrower: 'You can make limits narrower. Wider than the preset needs the chemistry “custom”.',
  limits: { ceiling_pct: 'ceiling', reserve_pct: 'reserve', charge_max_c: 'hot, charging', charge_min_c: 'cold, charging', discharge_max_c: 'hot, discharging', discharge_min_c: 'cold, discharging', stale_after_s: 'silence' },
  healthTitle: 'Health since the start', healthNeeds: 'Needs pack current. From charge and temperature alone Amphora counts cycles; it does not guess health.',
};
