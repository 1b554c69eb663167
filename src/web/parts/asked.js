/* What the daemon is asked to do for a while, and what it tells of that meanwhile: `path` answers { state, … }, `busy` while it goes on. */
import { useEffect, useState } from '../view.js';
import { get, post } from '../api.js';

const ASK_MS = 1000;

export function useAsked(path, busy) {
  const [told, setTold] = useState(null), [problem, setProblem] = useState(null), isBusy = told?.state === busy;
  const fail = (failure) => { setProblem(failure); setTold(null); };
  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setInterval(() => get(path).then(setTold, fail), ASK_MS);
    return () => clearInterval(timer);
  }, [isBusy]);
  const ask = (query, body) => { setProblem(null); post(path + query, body).then((answer) => setTold(answer.body), fail); };
  return { told, problem, isBusy, ask };
}
