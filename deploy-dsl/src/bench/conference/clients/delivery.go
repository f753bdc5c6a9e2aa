package main

import "time"

// Delivery is what came of what was sent.
type Delivery struct {
	// Packets, Lost and Bytes are those of all receivers.
	Packets int64 `json:"packets"`
	Lost    int64 `json:"lost"`
	Bytes   int64 `json:"bytes"`
	// LeastShare is that of the receiver that got least of what was sent in its room, 1 for all of it. A server that sends
	// less loses nothing, so that lost packets do not tell.
	LeastShare float64 `json:"leastShare"`
	// Pace is that of the slowest sender, 1 for real time: one without CPU sends less.
	Pace float64 `json:"pace"`
}

// watched is a span of time over which is counted what is sent and what comes.
type watched struct {
	since     time.Time
	tracks    []*clipTrack
	receivers []*receiver
	// What had been sent, by room, and what had come until then.
	sent []counts
	came []counts
}

// watch begins a span of time.
//
// tracks has one of each room.
func watch(tracks []*clipTrack, receivers []*receiver) *watched {
	begun := &watched{since: time.Now(), tracks: tracks, receivers: receivers}
	for _, each := range tracks {
		begun.sent = append(begun.sent, each.soFar())
	}
	for _, each := range receivers {
		begun.came = append(begun.came, each.soFar())
	}
	return begun
}

// delivery is that of the time since the beginning.
func (begun *watched) delivery() Delivery {
	result := Delivery{LeastShare: 1, Pace: 1}
	elapsed := time.Since(begun.since)
	var sent []counts
	for room, each := range begun.tracks {
		now, before := each.soFar(), begun.sent[room]
		sent = append(sent, counts{frames: now.frames - before.frames, bytes: now.bytes - before.bytes})
		result.Pace = min(result.Pace, share(sent[room].frames, int64(elapsed/each.interval)))
	}
	for at, each := range begun.receivers {
		now, before := each.soFar(), begun.came[at]
		result.Packets += now.packets - before.packets
		result.Lost += now.lost - before.lost
		result.Bytes += now.bytes - before.bytes
		result.LeastShare = min(result.LeastShare,
			share(now.frames-before.frames, sent[each.room].frames),
			share(now.bytes-before.bytes, sent[each.room].bytes))
	}
	return result
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
