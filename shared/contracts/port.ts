/** The narrow waist between processes: something that carries messages both ways. Adapters live in electron/platform. */
export interface Port {
  /** Sends a structured-clone-able message. */
  post(message: unknown): void
  /** Sets the one listener; messages that came before are delivered then. */
  onMessage(listener: (message: unknown) => void): void
  /** Sets the one listener for the other side going away (called at most once). */
  onClose(listener: () => void): void
  close(): void
}
