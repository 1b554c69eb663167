export default {
  none: 'There is no plan yet. A plan needs to know your sun and your use, and your price.', todo: 'What it needs',
  metersHeard: 'Your meters are heard', metersWhy: 'From them Amphora can learn when the sun shines on your roof and when you use power.',
  needs: { meter: 'Add a meter', prices: 'Add a price list', forecast: 'A forecast of the sun', planner: 'A planner' },
  why: { meter: 'For sun, home and grid. From it Amphora learns when the sun shines on your roof and when you use power.', prices: 'A day and a night price is enough.', forecast: 'How much the sun will give in the next two days.', planner: 'This version of Amphora does not plan ahead yet.' },
  there: 'there', notThere: 'not there', seeNow: 'See what it does now', seeRule: 'Change the rule',
  meanwhile: { threshold: 'Until then the rule decides', schedule: 'Until then the schedule decides', monitor: 'Until then nobody switches anything' },
  rule: 'Charge below {below}, up to {until}. Feed the house from {above}, down to {down}.', schedule: 'By the clock: {windows}.', scheduleEmpty: 'No window of the day is set, so it rests.', monitor: 'Amphora watches, and commands nothing.', safety: 'Safety and what you ask for come first.',
};
