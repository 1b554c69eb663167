/* An answer of the daemon's that a screen keeps: { data, problem, again }, read anew when `deps` change and every `every_ms`. */
import { useEffect, useState } from '../view.js';

export function useRead(read, deps = [], every_ms = 0) {
  const [answer, setAnswer] = useState({ data: null, problem: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    read().then((data) => { if (!isOver) setAnswer({ data, problem: null }); }, (problem) => { if (!isOver) setAnswer((old) => ({ ...old, problem })); });
    return () => { isOver = true; };
  }, [...deps, round]);
  useEffect(() => {
    if (!every_ms) return undefined;
    const timer = setInterval(() => { if (!document.hidden) setRound((n) => n + 1); }, every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return { ...answer, again: () => setRound((n) => n + 1) };
}
