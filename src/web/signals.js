/*
 * A value that draws anew whoever read it while being drawn: signal(1).value. computed(how)
 * follows the signals that it reads, from its first reader on and as long as the page lives.
 * Preact tells by its options who is being drawn: __r before and diffed after, the component
 * in __c; its own hooks stand on the same names. Preact draws what is due once, in a
 * microtask, so signals that change together need no more than to change one after the other.
 */
import { options } from './lib/preact.js';

let reader = null; /* who reads now: { again(), read: the sets of readers that it is in } */

const newReader = (again) => ({ again, read: new Set() });

function forget(one) {
  for (const readers of one.read) readers.delete(one);
  one.read.clear();
}

export function signal(value) {
  const readers = new Set();
  return {
    get value() {
      if (reader) {
        readers.add(reader);
        reader.read.add(readers);
      }
      return value;
    },
    set value(next) {
      if (next === value) return;
      value = next;
      for (const one of [...readers]) one.again();
    },
    peek: () => value,
  };
}

export function computed(how) {
  const made = signal();
  let own = null;
  function again() {
    const before = reader;
    forget(own);
    reader = own;
    try {
      made.value = how();
    } finally {
      reader = before;
    }
  }
  return {
    get value() {
      if (!own) {
        own = newReader(again);
        again();
      }
      return made.value;
    },
  };
}

/* ---- components ---- */

const { __r: before, diffed: after, unmount: over } = options;

options.__r = (vnode) => {
  before?.(vnode);
  const component = vnode.__c;
  component.reader ??= newReader(() => component.setState({}));
  forget(component.reader);
  reader = component.reader;
};
options.diffed = (vnode) => {
  reader = null;
  after?.(vnode);
};
options.unmount = (vnode) => {
  over?.(vnode);
  if (vnode.__c?.reader) forget(vnode.__c.reader);
};
