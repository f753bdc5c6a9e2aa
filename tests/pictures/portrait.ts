/**
 * A script for a page: its camera is a drawn portrait that breathes, and its screen a slide, so that pictures of a call show
 * people instead of a test pattern. All else of the client is as it is.
 *
 * @param hue of the background, in degrees
 */
export const portrait = (hue: number): string => `
  const mediaDevices = navigator.mediaDevices;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const pen = canvas.getContext('2d');
  const circle = (x, y, r, fill, ry = r) => {
    pen.fillStyle = fill;
    pen.beginPath();
    pen.ellipse(x, y, r, ry, 0, 0, 7);
    pen.fill();
  };
  const draw = (time) => {
    const y = Math.sin(time / 900 + ${hue}) * 3;
    const wall = pen.createLinearGradient(0, 0, 640, 360);
    wall.addColorStop(0, 'hsl(${hue} 45% 72%)');
    wall.addColorStop(1, 'hsl(${(hue + 40) % 360} 40% 48%)');
    pen.fillStyle = wall;
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = 'hsl(${hue} 30% 85% / 60%)';
    pen.fillRect(${40 + (hue % 5) * 80}, 40, 150, 170);
    circle(320, 400 + y, 170, 'hsl(${(hue + 190) % 360} 35% 38%)', 150);
    pen.fillStyle = 'hsl(${18 + (hue % 4) * 6} 45% ${45 + (hue % 5) * 8}%)';
    pen.fillRect(292, 220 + y, 56, 70);
    circle(320, 150 + y, 92, 'hsl(${20 + (hue % 3) * 8} 50% ${15 + (hue % 4) * 9}%)', 98);
    circle(320, 175 + y, 72, 'hsl(${18 + (hue % 4) * 6} 48% ${50 + (hue % 5) * 8}%)', 86);
    circle(294, 168 + y, 6, '#222', time % 4000 < 120 ? 1 : 7);
    circle(346, 168 + y, 6, '#222', time % 4000 < 120 ? 1 : 7);
    pen.strokeStyle = '#7a3b34';
    pen.lineWidth = 5;
    pen.beginPath();
    pen.arc(320, 200 + y, 26, 0.3, 2.84);
    pen.stroke();
  };
  setInterval(() => draw(performance.now()), 150);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    for (const track of stream.getVideoTracks()) {
      const settings = track.getSettings();
      stream.removeTrack(track);
      track.stop();
      draw(0);
      const [drawn] = canvas.captureStream(7).getVideoTracks();
      drawn.getSettings = () => settings;
      stream.addTrack(drawn);
    }
    return stream;
  };
  mediaDevices.getDisplayMedia = async () => {
    const slide = document.createElement('canvas');
    slide.width = 1280;
    slide.height = 720;
    const ink = slide.getContext('2d');
    setInterval(() => {
      ink.fillStyle = '#fdfdf8';
      ink.fillRect(0, 0, 1280, 720);
      ink.fillStyle = '#2d53d8';
      ink.fillRect(0, 0, 16, 720);
      ink.fillStyle = '#171a21';
      ink.font = 'bold 60px sans-serif';
      ink.fillText('Calls that go on', 80, 130);
      ink.font = '34px sans-serif';
      ['A server is updated: the call moves', 'A server dies: the call comes back', 'The network is cut: still muted if muted'].forEach(
        (line, index) => ink.fillText('\u2013  ' + line, 80, 240 + index * 64),
      );
      [0.5, 0.72, 0.6, 0.9, 0.8, 1].forEach((part, index) => {
        ink.fillStyle = index === 5 ? '#2d53d8' : '#a9bcff';
        ink.fillRect(80 + index * 110, 680 - part * 190, 70, part * 190);
      });
    }, 200);
    return slide.captureStream(5);
  };
`;
