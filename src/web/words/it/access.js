/* Prima volta, accesso, e ciò che serve a un telefono. */
export default {
  first: {
    title: 'Ancora nulla da mostrare', lede: 'Amphora è in funzione, ma non conosce nessuna batteria. Non commuta nulla finché non dici cosa è tuo.',
    running: 'Amphora e il suo broker sono in funzione', runningMore: 'sulla porta {port}, da {age}', broker: 'Amphora è in funzione, il suo broker non risponde', brokerMore: 'Si riprova di continuo: {host}, porta {port}.',
    sensor: 'Un sensore di batteria', sensorMore: 'In ascolto su {topic}. Nulla sentito da {age}.', sensorHeard: 'Sentiti, non usati: {nodes}.',
    relay: 'Un relè', relayMore: 'Facoltativo. Senza, Amphora osserva soltanto.',
    chemistry: 'La chimica della batteria', chemistryMore: 'Stabilisce i limiti. Puoi restringerli.',
    how: 'Una batteria e il suo relè si scrivono nella configurazione, {file}; Amphora la legge quando parte. I nodi sentiti intanto stanno in Nodi.', nodes: 'Guarda cosa si è sentito', file: 'amphora.yaml',
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
