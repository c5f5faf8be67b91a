/** Two short sounds that cannot be confused: rising for accepted, low and long for refused. */

const notes = {
  accepted: [
    { hertz: 660, at: 0, seconds: 0.09 },
    { hertz: 990, at: 0.1, seconds: 0.16 },
  ],
  refused: [{ hertz: 165, at: 0, seconds: 0.45 }],
} as const

let context: AudioContext | undefined

/** Plays one; silent where the machine has no sound. Sight says the same, so nothing depends on it. */
export function playTone(name: keyof typeof notes): void {
  try {
    context ??= new AudioContext()
    const audio = context
    void audio.resume().then(() => {
      for (const note of notes[name]) {
        const start = audio.currentTime + note.at
        const oscillator = audio.createOscillator()
        const volume = audio.createGain()
        oscillator.frequency.value = note.hertz
        oscillator.type = name === 'refused' ? 'square' : 'sine'
        volume.gain.setValueAtTime(name === 'refused' ? 0.08 : 0.25, start)
        volume.gain.setTargetAtTime(0, start + note.seconds * 0.7, 0.02)
        oscillator.connect(volume).connect(audio.destination)
        oscillator.start(start)
        oscillator.stop(start + note.seconds + 0.1)
      }
    })
  } catch {
    // No audio device.
  }
}
