/** Two soft notes on a loudspeaker, to hear whether it is the right one. Resolves when they have sounded. */
export async function playTestTone(speakerId: string): Promise<void> {
  const context = new AudioContext();
  try {
    if (speakerId !== '' && 'setSinkId' in context && typeof context.setSinkId === 'function') {
      await context.setSinkId(speakerId);
    }
    const ended = [523.25, 659.25].map((frequency, index) => {
      const start = context.currentTime + index * 0.35;
      const oscillator = new OscillatorNode(context, { frequency });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.25, start + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
      oscillator.connect(volume).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(start + 0.65);
      return new Promise<void>((resolve) =>
        oscillator.addEventListener('ended', () => resolve(), { once: true }),
      );
    });
    await Promise.all(ended);
  } finally {
    await context.close();
  }
}
