/** Something that can be timed: runs `count` iterations and gives the nanoseconds of all of them. Throws where one fails. */
export interface Subject {
  readonly name: string;
  run(count: number): Promise<number>;
}

/** How long to measure. Milliseconds of each subject's own time. */
export interface Effort {
  readonly warmMilliseconds: number;
  readonly measureMilliseconds: number;
  /** Length of one batch: short, so that many are undisturbed on a busy machine. */
  readonly batchMilliseconds: number;
}

/** A function of this process as a subject. */
export function subject(name: string, iteration: () => unknown): Subject {
  return {
    name,
    async run(count) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < count; i++) {
        const result = iteration();
        if (result instanceof Promise) await result;
      }
      return Number(process.hrtime.bigint() - start);
    },
  };
}

/**
 * Times several subjects in turns, one short batch each, so that whatever disturbs the machine disturbs them alike. The figure of a
 * subject is its fastest batch: on a shared machine the others measure the neighbours.
 */
export class Measurement {
  readonly #tracks: readonly Track[];
  readonly #effort: Effort;

  constructor(subjects: readonly Subject[], effort: Effort) {
    this.#tracks = subjects.map((item) => ({ subject: item, batches: [], count: 1, failure: undefined }));
    this.#effort = effort;
  }

  /** Warms every subject up and chooses its batch size. A subject that fails is left out and keeps its reason. */
  async warm(): Promise<void> {
    for (const track of this.#tracks) await guarded(track, () => this.#warm(track));
  }

  /** Measures; called again, it adds to what is there. */
  async measure(): Promise<void> {
    const left = new Map(this.#tracks.map((track) => [track, this.#effort.measureMilliseconds * 1e6]));
    while (left.size > 0) {
      for (const [track, budget] of [...left]) {
        const spent = await guarded(track, () => batch(track, track.count));
        if (spent === undefined || spent >= budget) left.delete(track);
        else left.set(track, budget - spent);
      }
    }
  }

  /** Nanoseconds of one iteration; undefined for a subject that failed. */
  nanoseconds(name: string): number | undefined {
    const track = this.#tracks.find((candidate) => candidate.subject.name === name);
    if (track === undefined || track.failure !== undefined) return undefined;
    return Math.min(...track.batches);
  }

  /** Why a subject has no figure. */
  failure(name: string): string | undefined {
    return this.#tracks.find((candidate) => candidate.subject.name === name)?.failure;
  }

  async #warm(track: Track): Promise<void> {
    const { warmMilliseconds, batchMilliseconds } = this.#effort;
    let spent = 0;
    let last = await batch(track, 1);
    for (let count = 1; spent + last < warmMilliseconds * 1e6; count = Math.min(count * 2, 1000)) {
      spent += last;
      last = await batch(track, count);
    }
    const each = track.batches.at(-1) ?? last;
    track.count = Math.max(1, Math.round((batchMilliseconds * 1e6) / each));
    // An iteration longer than the whole warm-up counts: there may not be many more.
    track.batches = each > warmMilliseconds * 1e6 ? [each] : [];
  }
}

interface Track {
  readonly subject: Subject;
  /** Nanoseconds per iteration of each batch. */
  batches: number[];
  count: number;
  failure: string | undefined;
}

async function batch(track: Track, count: number): Promise<number> {
  const spent = await track.subject.run(count);
  track.batches.push(spent / count);
  return spent;
}

async function guarded<T>(track: Track, work: () => Promise<T>): Promise<T | undefined> {
  if (track.failure !== undefined) return undefined;
  try {
    return await work();
  } catch (error) {
    track.failure = error instanceof Error ? error.message : String(error);
    return undefined;
  }
}
