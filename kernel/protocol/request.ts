import type {Message} from "./message.js";

/** A request and the socket on which its reply goes back. */
export interface Request {
  channel: "shell" | "control";
  message: Message;
}

/** Sends the reply to a request. */
export type Reply = (
  request: Request,
  type: string,
  content: object,
  metadata?: Record<string, unknown>,
) => void;
