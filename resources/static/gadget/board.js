// One group as the server shows it: members in order, and what has changed since.

export class Board {
  constructor(snapshot) {
    this.n = snapshot.n;
    this.group = snapshot.group;
    this.members = new Map(snapshot.members.map((member) => [member.id, member]));
    this.order = snapshot.members.map((member) => member.id);
  }

  /** Take over a numbered change; older ones are there already. */
  change(change) {
    if (change.n <= this.n) return;
    this.n = change.n;
    this.group = change.group ?? this.group;
    for (const member of change.members ?? []) {
      if (!this.members.has(member.id)) this.order.push(member.id);
      this.members.set(member.id, member);
    }
    for (const id of change.gone ?? []) this.members.delete(id);
    this.order = (change.order ?? this.order).filter((id) => this.members.has(id));
  }

  /** The members, the own one first. */
  get list() {
    return this.order.map((id) => this.members.get(id));
  }

  /** The member that the user is, if any. */
  get me() {
    return this.list.find((member) => member.me);
  }

  /** A call that the user may steer, or any other, with the member it is shown at; undefined when it is over. */
  find(id, device) {
    for (const member of this.members.values()) {
      const call = member.calls.find((one) => one.id === id && one.device === device);
      if (call) return { call, member };
    }
    return undefined;
  }
}
