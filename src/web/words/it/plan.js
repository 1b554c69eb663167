export default {
  none: 'Non c’è ancora un piano. Per farlo servono il tuo sole, i tuoi consumi e il tuo prezzo.', todo: 'Che cosa serve',
  metersHeard: 'I tuoi contatori si sentono', metersWhy: 'Da loro Amphora può imparare quando il sole batte sul tetto e quando usi corrente.',
  needs: { meter: 'Aggiungi un contatore', prices: 'Aggiungi un listino prezzi', forecast: 'Una previsione del sole', planner: 'Un pianificatore' },
  why: { meter: 'Per sole, casa e rete. Da lì Amphora impara quando il sole batte sul tetto e quando usi corrente.', prices: 'Basta un prezzo di giorno e uno di notte.', forecast: 'Quanto darà il sole nei prossimi due giorni.', planner: 'Questa versione di Amphora non pianifica ancora.' },
  there: 'c’è', notThere: 'manca', seeNow: 'Guarda che cosa fa adesso', seeRule: 'Cambia la regola',
  meanwhile: { threshold: 'Fino ad allora decide la regola', schedule: 'Fino ad allora decide l’orario', monitor: 'Fino ad allora nessuno comanda' },
  rule: 'Carica sotto il {below}, fino al {until}. Alimenta la casa dal {above}, fino al {down}.', schedule: 'Secondo l’orologio: {windows}.', scheduleEmpty: 'Nessuna fascia del giorno è impostata, quindi riposa.', monitor: 'Amphora guarda, e non comanda nulla.', safety: 'La sicurezza e ciò che chiedi tu vengono prima.',
};
