import { expect } from "vitest";
import type { Answer } from "./serving.js";

/** A correlation id. */
export const correlationId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Demands that an answer is what a document says: its status, the headers that the document names, and its body. */
export function expectAnswer(answer: Answer, said: Answer): void {
  expect(answer.status).toBe(said.status);
  expect(answer.body).toBe(said.body);
  const { "x-correlation-id": id = "", ...headers } = said.headers;
  if (id !== "") expect(id).toMatch(correlationId);
  expect(answer.headers["x-correlation-id"]).toMatch(correlationId);
  expect(answer.headers).toMatchObject(headers);
}
