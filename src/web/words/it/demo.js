export default {
  title: 'Casa di prova', what: 'Non è la tua batteria. Rompi qualcosa e guarda che cosa fa Amphora. Ogni guasto finisce quando lo premi di nuovo.',
  faults: { 'sensor-silent': 'Sensore muto', 'relay-stuck': 'Relè incollato', 'relay-lying': 'Relè bugiardo', 'battery-hot': 'Batteria calda', cloud: 'Nuvola', 'broker-gone': 'Broker assente', 'sensor-frozen': 'Sensore bloccato', 'relay-welded': 'Relè saldato' },
  does: { 'sensor-silent': 'smette di parlare', 'relay-stuck': 'risponde e non si muove', 'relay-lying': 'dice ciò che gli si chiede, e non si muove', 'battery-hot': 'si scalda oltre il limite', cloud: 'resta un ventesimo del sole', 'broker-gone': 'MQTT è fermo', 'sensor-frozen': 'ripete gli stessi valori', 'relay-welded': 'dice spento, la corrente scorre' },
  on: 'sì, {age}', off: 'no', askedOn: 'chiesto sì', askedOff: 'chiesto no', speed: 'Il tempo della casa corre {n} volte più veloce.', leave: 'La tua batteria ha bisogno di una sua configurazione: vedi la guida all’installazione.',
};
