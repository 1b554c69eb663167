/* Prima volta, accesso, e ciò che serve a un telefono. */
export default {
  first: {
    title: 'Ancora nulla da mostrare', lede: 'Amphora è in funzione, ma non conosce nessuna batteria. Non commuta nulla finché non dici cosa è tuo.',
    running: 'Amphora e il suo broker sono in funzione', runningMore: 'sulla porta {port}, da {age}', broker: 'Amphora è in funzione, il suo broker non risponde', brokerMore: 'Si riprova di continuo: {host}, porta {port}.',
    sensor: 'Un sensore di batteria', sensorMore: 'In ascolto su {topic}. Nulla sentito da {age}.', sensorHeard: 'Sentiti, non usati: {nodes}.',
    relay: 'Un relè', relayMore: 'Facoltativo. Senza, Amphora osserva soltanto.',
    chemistry: 'La chimica della batteria', chemistryMore: 'Stabilisce i limiti. Puoi restringerli.',
    how: 'Configura qui, o con «amphora setup» in un terminale: scrivono lo stesso file. I nodi sentiti intanto stanno in Nodi.', setup: 'Configura', nodes: 'Guarda cosa si è sentito',
  },
  setup: {
    title: 'Configura', lede: 'Dal broker a una batteria osservata. Nulla si scrive prima della fine, e nulla si commuta.', why: 'Da qui non si può scrivere: {why}.',
    broker: 'Il broker', host: 'Dove si trova', port: 'Porta', user: 'Il nostro utente, se serve', look: 'Collega e cerca dispositivi', connecting: 'Si collega.', connected: 'Il broker ci ha accettati.',
    noBattery: 'Nessuno ha detto uno stato di carica, fra {n} topic. Il sensore è acceso, e usa questo broker?',
    battery: 'La batteria', which: 'Quale', chemistry: 'Di cosa è fatta', capacity: 'Contiene, in kWh', power: 'Prende o dà al massimo, in kW', reserve: 'Deve restare per un’interruzione, in %',
    limits: 'Caricata fino a {ceiling} e fra {coldest} e {warmest}, scaricata fino a {reserve} e fra {cold} e {warm}. Le impostazioni restringono più tardi.',
    switches: 'I suoi interruttori', source: 'Lascia che la sorgente (pannelli, rete) la carichi', load: 'Lascia che alimenti la casa', none: 'nessuno', coap: 'uno che parla CoAP', kind: 'Di che tipo', uri: 'Il suo indirizzo', value: 'Il percorso con cui si commuta, o il suo LED',
    kinds: { own: 'amphora-relay, o uno simile', 'course-node': 'nodo di un progetto di corso', lwm2m: 'interruttore LwM2M o IPSO', 'contiki-ng': 'LED degli esempi di Contiki-NG' }, word: 'Lo uso comunque',
    rest: 'La casa', zone: 'Fuso orario', replace: 'Prende il posto di {file}; il vecchio resta accanto', monitor: 'Poi Amphora osserva soltanto, finché non cambi la logica nelle Impostazioni.', preview: 'Mostra il file', write: 'Scrivi e avvia',
    restarts: 'Amphora riparte con questo.', runs: 'È in funzione, e osserva soltanto. Prova ora ogni interruttore: in Nodi c’è «Provalo».', written: 'Scritto: {file}.', kept: 'Quello di prima: {file}.',
  },
  login: {
    title: 'Accedi', open: 'Puoi guardare senza accesso. Per cambiare qualcosa ne serve uno.', closed: 'Da qui Amphora non mostra nulla senza accesso.', as: 'Hai accesso come {user}, puoi {role}.', asCode: 'Hai accesso con un codice, puoi {role}.', roles: { view: 'guardare', control: 'comandare' },
    name: 'Nome', password: 'Password', enter: 'Accedi', out: 'Esci', go: 'Vai ad Adesso',
    withCode: 'Oppure con un codice', code: 'Codice', codeMore: '«amphora open» sulla macchina di Amphora ne mostra uno: vale una volta, per dieci minuti.', useCode: 'Usa il codice',
    first: 'Nessuno ha ancora un accesso', firstMore: 'Crea il primo. Il codice mostra che sei alla macchina di Amphora.', make: 'Crea', passwordMore: 'Almeno {n} caratteri.',
    wrong: 'Nome e password non vanno insieme. Nulla è cambiato.', wrongCode: 'Il codice non vale, o non vale più. «amphora open» ne fa uno nuovo.', tries: 'Troppi tentativi. Il prossimo conta fra {age}.', taken: 'Quel nome c’è già.', refused: 'Amphora non lo ha preso: {detail}',
  },
  install: {
    title: 'Sul telefono', can: 'Questa pagina si può installare', canMore: 'Il menu del browser ha «Installa» o «Aggiungi alla schermata». Allora si apre anche senza rete, e dice che è scollegata.', now: 'Installa', done: 'Installata', doneMore: 'Stai guardando la pagina installata.',
    cannot: 'Con HTTP semplice non si può installare', cannotMore: 'Funziona, ma il browser non ne tiene nulla: senza rete non si apre, e chi è sulla stessa rete può leggere.',
    local: 'Solo questa macchina conta come sicura', localMore: 'A questo indirizzo il browser si fida perché la pagina viene dalla stessa macchina. Un altro dispositivo ha bisogno di HTTPS.',
    how: 'Come avere HTTPS', own: 'Un certificato tuo', ownMore: 'Mettilo nella configurazione come web.certificate e web.key. Il telefono deve fidarsi di chi lo ha firmato.', proxy: 'Un proxy che ne ha uno', proxyMore: 'nginx o Caddy davanti ad Amphora, anche sotto un percorso. Il suo indirizzo va in web.proxy.', vpn: 'Una VPN, per guardare da lontano', vpnMore: 'WireGuard o Tailscale portano il telefono in casa. Nulla di Amphora si apre a internet.', docs: 'docs/remote.md li spiega passo per passo.',
    insecure: 'Cosa vuol dire «senza cifratura»', insecureMore: 'web.insecure è impostato: nomi, password e comandi passano in chiaro. Toglilo dalla configurazione quando HTTPS funziona.',
  },
};
