import type { ValueContext, ValueSource } from "../identity/index.js";

/** The value of a response: a user attribute. Where the user has none, there is no value. */
export const attribute = (name: string): ValueSource => Object.freeze({ attribute: name });

/** The value of a response: a content variable of the policy, as text. */
export const variable = (name: string): ValueSource => Object.freeze({ variable: name });

/** The value of a response: the user's name in the directory. */
export const userName: ValueSource = Object.freeze({ user: true });

/** The value of a response, computed for each decision by a policy server in this process; undefined leaves it out. */
export const computed = (
  compute: (context: ValueContext) => string | undefined | Promise<string | undefined>,
): ValueSource => Object.freeze({ compute });
