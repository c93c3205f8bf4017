// What is held of each booking, and whether something that arrives is news. Messages repeat, and reads and messages
// overtake one another; these rules make all of that harmless.

const whole = Number.MAX_SAFE_INTEGER;

/** Held remembers, for one channel, the newest (version, part) of every entity. */
export class Held {
  constructor() {
    this.newest = new Map();
  }

  /** take reports whether a message is newer than what is held, and holds it if so. */
  take(entity, version, part) {
    const held = this.newest.get(entity);
    if (held && (version < held.version || (version === held.version && part <= held.part))) return false;
    this.newest.set(entity, { version, part });
    return true;
  }

  /** read reports whether what was read is at least as new as what is held. It covers every part of its version. */
  read(entity, version) {
    const held = this.newest.get(entity);
    if (held && version < held.version) return false;
    this.newest.set(entity, { version, part: whole });
    return true;
  }

  forget(entity) {
    this.newest.delete(entity);
  }
}
