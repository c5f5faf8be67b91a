/** Sounds that cannot be confused: rising for accepted, low and long for refused, a siren for glass that is being broken. */

const notes = {
  accepted: [
    { hertz: 660, at: 0, seconds: 0.09 },
    { hertz: 990, at: 0.1, seconds: 0.16 },
  ],
  refused: [{ hertz: 165, at: 0, seconds: 0.45 }],
  alarm: [0, 0.5, 1, 1.5].flatMap((at) => [
    { hertz: 880, at, seconds: 0.22 },
    { hertz: 622, at: at + 0.25, seconds: 0.22 },
  ]),
} as const

/** A square wave sounds louder than it is; the alarm is to be heard in the room. */
const loudness = { accepted: 0.25, refused: 0.08, alarm: 0.3 } as const

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
        oscillator.type = name === 'accepted' ? 'sine' : 'square'
        volume.gain.setValueAtTime(loudness[name], start)
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
