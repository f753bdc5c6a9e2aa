package main

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
)

// readClip reads a VP8 clip in IVF; the first frame is a key frame.
func readClip(path string) (frames [][]byte, interval time.Duration, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	reader, header, err := ivfreader.NewWith(file)
	if err != nil {
		return nil, 0, err
	}
	interval = time.Second * time.Duration(header.TimebaseNumerator) / time.Duration(header.TimebaseDenominator)
	for {
		frame, _, err := reader.ParseNextFrame()
		if err == io.EOF {
			return frames, interval, nil
		}
		if err != nil {
			return nil, 0, err
		}
		frames = append(frames, frame)
	}
}

// clipTrack sends a clip over and over.
type clipTrack struct {
	*webrtc.TrackLocalStaticSample
	interval      time.Duration
	wantsKeyFrame atomic.Bool
	// What was sent since the beginning.
	frames, bytes atomic.Int64
}

// playClip plays in real time. Whoever asks for a key frame gets the next of the clip at once, as from an encoder.
func playClip(ctx context.Context, frames [][]byte, interval time.Duration) (*clipTrack, error) {
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	sample, err := webrtc.NewTrackLocalStaticSample(capability, "clip", "bench")
	if err != nil {
		return nil, err
	}
	track := &clipTrack{TrackLocalStaticSample: sample, interval: interval}
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for at := 0; ; at = (at + 1) % len(frames) {
			if track.wantsKeyFrame.Swap(false) {
				for !isKeyFrame(frames[at]) {
					at = (at + 1) % len(frames)
				}
			}
			// Before it is bound nobody gets it.
			_ = track.WriteSample(media.Sample{Data: frames[at], Duration: interval})
			track.frames.Add(1)
			track.bytes.Add(int64(len(frames[at])))
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return track, nil
}

// isKeyFrame reads the frame tag of RFC 6386, section 9.1.
func isKeyFrame(frame []byte) bool { return len(frame) > 0 && frame[0]&1 == 0 }

// listen hears what the server asks of the sender, until the connection ends.
func (track *clipTrack) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				track.wantsKeyFrame.Store(true)
			}
		}
	}
}

func (track *clipTrack) soFar() counts {
	return counts{frames: track.frames.Load(), bytes: track.bytes.Load()}
}
