/* Ciò che ogni schermata ha. */
export default {
  tabs: { now: 'Adesso', plan: 'Piano', history: 'Storia', battery: 'Batteria', nodes: 'Nodi', alerts: 'Avvisi', settings: 'Impostazioni', more: 'Altro', label: 'Principale' },
  shell: {
    skip: 'Vai al contenuto', theme: 'Cambia tra chiaro e scuro', open: '1 aperto|{n} aperti',
    live: 'In diretta, {age}', starting: 'In collegamento', silent: 'Silenzio da {age}',
    timer: { none: '{id} non ha lease: resta chiuso se Amphora tace.', untold: '{id}: il suo timer si imposta ma non si rilegge, e nessuna prova lo ha confermato.', true: '{id}: il suo timer si imposta ma non si rilegge; una prova del {day} lo ha confermato.', false: '{id} non si è aperto da solo nella prova del {day}.' },
    insecure: 'Senza cifratura: chi è su questa rete può leggere e mandare comandi.', insecureMore: 'Come cambiarlo',
    demo: 'Casa di prova', loading: 'Questa schermata arriva da Amphora.', lost: 'Questa schermata non è su questo dispositivo, e Amphora non si raggiunge.', again: 'Riprova',
    close: 'Chiudi', menu: 'Altro', asTable: 'Mostra come tabella', table: 'Tabella dei valori',
  },
  age: { ago: '{age} fa', old: 'risale a {age} fa', never: 'mai sentito', now: 'ora' },
  date: {
    weekdays: ['dom', 'lun', 'mar', 'mer', 'gio', 'ven', 'sab'], months: ['gen', 'feb', 'mar', 'apr', 'mag', 'giu', 'lug', 'ago', 'set', 'ott', 'nov', 'dic'],
    monthsLong: ['gennaio', 'febbraio', 'marzo', 'aprile', 'maggio', 'giugno', 'luglio', 'agosto', 'settembre', 'ottobre', 'novembre', 'dicembre'],
    day: '{weekday} {day} {month}',
  },
  gate: { logIn: 'Accedi', cut: 'Non mentre manca il collegamento.', starting: 'Non prima di aver sentito Amphora.', login: 'Serve un accesso.', role: 'Puoi guardare, non cambiare: serve un accesso che comanda.' },
  problem: {
    unreachable: 'Amphora non si raggiunge. Nulla è cambiato.', loginNeeded: 'Serve un accesso. Nulla è cambiato.', role: 'Il tuo accesso può guardare, non cambiare. Nulla è cambiato.',
    changed: 'Intanto qualcun altro lo ha cambiato. Guarda di nuovo, poi decidi.', limits: 'I limiti non lo permettono: {detail}', tries: 'Troppi tentativi. Aspetta {age}.',
    other: 'Amphora non lo ha fatto: {detail}',
  },
  hold: { hold: 'Tieni premuto: {what}', again: 'Premi ancora: {what}' },
};
