/**
 * Calls back ten times a second with how loud a track is: 0 for silence to 1 for as loud as can be, linear in decibels from
 * −60 dB up. @returns ends that
 */
export function followLevel(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
  }, 100);
  // Browsers let no page make or measure sound before somebody has clicked in it.
  const resume = () => void context.resume();
  addEventListener('pointerdown', resume);
  addEventListener('keydown', resume);
  return () => {
    clearInterval(timer);
    removeEventListener('pointerdown', resume);
    removeEventListener('keydown', resume);
    source.disconnect();
    void context.close();
  };
}

/** @param samples −1 to 1 */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length || Number.MIN_VALUE);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
