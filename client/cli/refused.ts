import { sentence } from '../../shared/spec/problems.ts';
import { ApiError } from '../http.ts';
import { Refusal } from './local/refusal.ts';

/** Turns a failed request into words for the terminal: what was refused, and each field with what would be right. */
export const refused =
  (url: string, what: string) =>
  (error: unknown): never => {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0)
      throw new Refusal(`No server answers at ${url}. Start one with npm start, or name another with --url.`);
    // The first problem may be the message itself.
    const problems = error.problems.map(sentence).filter((words) => !error.message.includes(words));
    throw new Refusal([`The server refused ${what}: ${error.message}`, ...problems].join('\n  '));
  };
