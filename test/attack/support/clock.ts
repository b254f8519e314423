import type { Clock } from "@countersign/core";

/** A clock that stands still at the moment of its making until it is moved. */
export class StillClock implements Clock {
  #time: number;

  constructor() {
    // To the second, so that what a message says of its time has no fraction that is cut.
    this.#time = Math.floor(Date.now() / 1000) * 1000;
  }

  readonly now = (): number => this.#time;

  /** The time, some seconds from now. */
  at(seconds: number): Date {
    return new Date(this.#time + seconds * 1000);
  }

  /** Moves the clock by seconds, back where they are negative. */
  pass(seconds: number): void {
    this.#time += seconds * 1000;
  }
}
