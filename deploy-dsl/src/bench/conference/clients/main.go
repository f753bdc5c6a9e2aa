// Real WebRTC clients (Pion) that publish a clip and receive it, in many rooms at once, at a media server of Tandem or at
// LiveKit. The plan comes as JSON on stdin; one line of JSON comes out at the beginning and at the end of each step.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Plan says who joins, and how many have joined at each step.
type Plan struct {
	Server string   `json:"server"` // tandem, livekit
	URL    string   `json:"url"`
	Clip   string   `json:"clip"`
	Rooms  []Room   `json:"rooms"`
	Steps  []Counts `json:"steps"`
	// HoldMs is how long each step is measured, SettleMs how long nothing is before that.
	HoldMs   int `json:"holdMs"`
	SettleMs int `json:"settleMs"`
}

// Room has a token for the one who sends, and one for each who receives.
type Room struct {
	Name      string   `json:"name"`
	Publisher string   `json:"publisher"`
	Receivers []string `json:"receivers"`
}

// Counts are those of a step: so many rooms, with so many receivers in each.
type Counts struct {
	Rooms            int `json:"rooms"`
	ReceiversPerRoom int `json:"receiversPerRoom"`
}

// Report is a line of the output.
type Report struct {
	Event     string `json:"event"` // holding, held
	Rooms     int    `json:"rooms"`
	Receivers int    `json:"receivers"`
	// FirstFrameMs of those who joined in this step: from the request to join until a key frame was there.
	FirstFrameMs []float64 `json:"firstFrameMs,omitempty"`
	// Delivery is that of the time of measurement.
	Delivery
	// CPUS is what this program has used since its start, in seconds.
	CPUS float64 `json:"cpuS"`
}

// server is what differs between the two.
type server interface {
	publish(ctx context.Context, room Room, track *clipTrack) error
	receive(ctx context.Context, room Room, token string, counter *receiver) error
}

// atOnce is how many join at the same time: the join of one is not to wait for that of many others.
const atOnce = 4

// longestJoin is what a client waits for its first frame.
const longestJoin = 30 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var plan Plan
	if err := json.NewDecoder(os.Stdin).Decode(&plan); err != nil {
		return fmt.Errorf("the plan cannot be read: %w", err)
	}
	frames, interval, err := readClip(plan.Clip)
	if err != nil {
		return fmt.Errorf("the clip cannot be read: %w", err)
	}
	var at server
	switch plan.Server {
	case "tandem":
		at = newTandem(ctx, plan.URL)
	case "livekit":
		at = &livekit{url: plan.URL, life: ctx}
	default:
		return fmt.Errorf("no server %q", plan.Server)
	}
	out := json.NewEncoder(os.Stdout)
	var receivers []*receiver
	var tracks []*clipTrack
	joined := make([]int, len(plan.Rooms))
	for _, step := range plan.Steps {
		for len(tracks) < step.Rooms {
			track, err := playClip(ctx, frames, interval)
			if err != nil {
				return err
			}
			if err := at.publish(ctx, plan.Rooms[len(tracks)], track); err != nil {
				return fmt.Errorf("publishing in room %d: %w", len(tracks), err)
			}
			tracks = append(tracks, track)
		}
		var newcomers []*receiver
		for room := range step.Rooms {
			for ; joined[room] < step.ReceiversPerRoom; joined[room]++ {
				newcomers = append(newcomers, newReceiver(room, joined[room]))
			}
		}
		if err := joinAll(ctx, at, plan.Rooms, newcomers); err != nil {
			return err
		}
		receivers = append(receivers, newcomers...)
		if err := wait(ctx, plan.SettleMs); err != nil {
			return err
		}
		report := Report{Event: "holding", Rooms: step.Rooms, Receivers: len(receivers), CPUS: usedCPU()}
		for _, each := range newcomers {
			report.FirstFrameMs = append(report.FirstFrameMs, each.firstFrameMs())
		}
		watched := watch(tracks, receivers)
		if err := out.Encode(report); err != nil {
			return err
		}
		if err := wait(ctx, plan.HoldMs); err != nil {
			return err
		}
		held := Report{Event: "held", Rooms: step.Rooms, Receivers: len(receivers), Delivery: watched.delivery()}
		held.CPUS = usedCPU()
		if err := out.Encode(held); err != nil {
			return err
		}
	}
	return nil
}

func joinAll(ctx context.Context, at server, rooms []Room, newcomers []*receiver) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	places := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for _, each := range newcomers {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() {
			defer func() { <-places }()
			room := rooms[each.room]
			each.begun = time.Now()
			if err := at.receive(ctx, room, room.Receivers[each.index], each); err != nil {
				cancel(fmt.Errorf("receiver %d of room %d: %w", each.index, each.room, err))
				return
			}
			select {
			case <-each.framed:
			case <-ctx.Done():
			case <-time.After(longestJoin):
				cancel(fmt.Errorf("receiver %d of room %d saw no key frame within %s", each.index, each.room, longestJoin))
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

func wait(ctx context.Context, ms int) error {
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// usedCPU is what this program has used since its start, in seconds.
func usedCPU() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
