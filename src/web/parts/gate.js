/* Whether something may be changed from here, and in words why not. */
import { computed } from '../view.js';
import { session } from '../api.js';
import { house, isCut } from '../live.js';
import { t } from '../words.js';
import { flipWords, whyWords } from '../reasons.js';
import { HERE, withForeign } from './Foreign.js';

/* null, or the sentence that stands beside a control that is off. */
export const whyNot = computed(() => {
  if (isCut.value) return t('gate.cut');
  if (!house.value) return t('gate.starting');
  if (session.value && session.value.role !== 'control') return t(session.value.user ? 'gate.role' : 'gate.login');
  return null;
});

/* Whether a login would help: then a link to it stands beside the reason. */
export const needsLogin = computed(() => !isCut.value && !!session.value && session.value.role !== 'control');

/* A problem of api.js in a sentence, to be drawn. */
export function problemWords(problem) {
  const names = { unreachable: 'unreachable', 'login-needed': 'loginNeeded', 'role-too-low': 'role', 'changed-meanwhile': 'changed', 'if-match-needed': 'changed' };
  if (names[problem.name]) return t(`problem.${names[problem.name]}`);
  if (problem.status === 401) return t('problem.loginNeeded');
  if (problem.status === 429) return t('problem.tries', { age: `${problem.retry_s ?? 60} s` });
  if (problem.status === 422) return problem.reason ? t('problem.limits', { detail: `${whyWords(problem.reason)}. ${flipWords(problem.reason)}` }) : withForeign(t('problem.limits', { detail: HERE }), problem.detail);
  return withForeign(t('problem.other', { detail: HERE }), problem.detail || problem.message || problem.status);
}
