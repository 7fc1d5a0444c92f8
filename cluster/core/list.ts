// A doubly linked list whose links live in its members: every step is O(1), nothing is allocated,
// and a member is in one list at a time.

export interface Listed<T extends Listed<T>> {
  list: List<T> | null;
  previous: T | null;
  next: T | null;
}

export class List<T extends Listed<T>> {
  first: T | null = null;
  last: T | null = null;
  size = 0;

  push(member: T): void {
    member.list = this;
    member.previous = this.last;
    member.next = null;
    if (this.last) this.last.next = member;
    else this.first = member;
    this.last = member;
    this.size++;
  }

  unshift(member: T): void {
    this.insert(member, this.first);
  }

  /** In front of another member, or last. */
  insert(member: T, next: T | null): void {
    if (!next) return this.push(member);
    member.list = this;
    member.next = next;
    member.previous = next.previous;
    if (next.previous) next.previous.next = member;
    else this.first = member;
    next.previous = member;
    this.size++;
  }
}

/** Takes a member out of the list it is in, if any. */
export function unlink<T extends Listed<T>>(member: T): void {
  const list = member.list;
  if (!list) return;
  if (member.previous) member.previous.next = member.next;
  else list.first = member.next;
  if (member.next) member.next.previous = member.previous;
  else list.last = member.previous;
  member.list = null;
  member.previous = null;
  member.next = null;
  list.size--;
}
