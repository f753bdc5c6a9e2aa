package main

import (
	"sync"
	"time"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

// receiver counts what comes to one client.
type receiver struct {
	room, index int
	begun       time.Time
	framed      chan struct{}

	mutex      sync.Mutex
	firstFrame time.Time
	keyFrame   bool
	// Sequence numbers: those that came are in seen, from the first to the highest.
	started        bool
	first, highest int64
	seen           [1 << 16 / 64]uint64
	counts         counts
}

type counts struct{ packets, lost, frames, bytes int64 }

func newReceiver(room, index int) *receiver {
	return &receiver{room: room, index: index, framed: make(chan struct{})}
}

// read takes what comes over a track, until the connection ends.
func (each *receiver) read(track *webrtc.TrackRemote) {
	var vp8 codecs.VP8Packet
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		each.mutex.Lock()
		if each.count(packet.SequenceNumber) {
			each.counts.packets++
			each.counts.bytes += int64(len(packet.Payload))
			if packet.Marker && len(packet.Payload) > 0 {
				each.counts.frames++
			}
			if each.firstFrame.IsZero() && len(packet.Payload) > 0 {
				payload, err := vp8.Unmarshal(packet.Payload)
				if err == nil && vp8.S == 1 && vp8.PID == 0 && isKeyFrame(payload) {
					each.keyFrame = true
				}
				if each.keyFrame && packet.Marker {
					each.firstFrame = time.Now()
					close(each.framed)
				}
			}
		}
		each.mutex.Unlock()
	}
}

// count tells whether a packet is new. One that comes late, or again after it was lost, takes a loss back.
func (each *receiver) count(number uint16) bool {
	if !each.started {
		each.started = true
		each.first, each.highest = int64(number), int64(number)
		each.mark(number)
		return true
	}
	distance := int64(int16(number - uint16(each.highest)))
	if distance > 0 {
		for skipped := int64(1); skipped < distance; skipped++ {
			each.clear(uint16(each.highest + skipped))
		}
		each.counts.lost += distance - 1
		each.highest += distance
		each.mark(number)
		return true
	}
	if each.highest+distance < each.first || each.has(number) {
		return false
	}
	each.counts.lost--
	each.mark(number)
	return true
}

func (each *receiver) mark(n uint16)     { each.seen[n/64] |= 1 << (n % 64) }
func (each *receiver) clear(n uint16)    { each.seen[n/64] &^= 1 << (n % 64) }
func (each *receiver) has(n uint16) bool { return each.seen[n/64]&(1<<(n%64)) != 0 }

func (each *receiver) firstFrameMs() float64 {
	each.mutex.Lock()
	defer each.mutex.Unlock()
	return float64(each.firstFrame.Sub(each.begun).Microseconds()) / 1000
}

func (each *receiver) soFar() counts {
	each.mutex.Lock()
	defer each.mutex.Unlock()
	return each.counts
}
