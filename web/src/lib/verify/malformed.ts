/** Bytes that cannot be read as what they claim to be. */
export class Malformed extends Error {
  readonly pointer: string;

  constructor(message: string, pointer = "") {
    super(message);
    this.pointer = pointer;
  }
}
