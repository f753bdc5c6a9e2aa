/**
 * Tells when the first picture of a track is there to be shown. Its first packet says little: a slow machine takes a second from
 * there, and a key frame that is lost comes again only when asked for.
 */
export function onFirstFrame(track: MediaStreamTrack, tell: () => void): void {
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.srcObject = new MediaStream([track]);
  video.addEventListener(
    'loadeddata',
    () => {
      video.srcObject = null;
      tell();
    },
    { once: true },
  );
}
