import type {Message} from "./message.js";

/** A request and the socket on which its reply goes back. */
export interface Request {
  channel: "shell" | "control";
  message: Message;
}

/** A request that can't be met, by its sender's doing: the answer says why, and it is no defect. */
export class RequestError extends Error {
  override name = "RequestError";
}

/** Sends the reply to a request. */
export type Reply = (
  request: Request,
  type: string,
  content: object,
  metadata?: Record<string, unknown>,
) => void;
