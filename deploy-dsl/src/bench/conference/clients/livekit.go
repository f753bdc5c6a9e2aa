package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
	protocol "github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// livekit is a LiveKit server, used as its own clients use it: by its WebSocket.
type livekit struct {
	url string
	// life is that of all who join: longer than their joining.
	life context.Context
}

// session is a participant in a room of LiveKit.
type session struct {
	socket *websocket.Conn
	// Writes come from several places.
	mutex sync.Mutex
	peer  *webrtc.PeerConnection
	// target is the connection that this participant uses: the one it sends over, or the one it receives over.
	target protocol.SignalTarget
	// early are candidates that came before the description they belong to.
	early []webrtc.ICECandidateInit
	// done gets the outcome of setting up.
	done chan error
}

func (at *livekit) join(ctx context.Context, token string, target protocol.SignalTarget) (*session, error) {
	query := url.Values{"access_token": {token}, "auto_subscribe": {"1"}, "protocol": {"15"}, "sdk": {"go"}}
	address := strings.Replace(at.url, "http", "ws", 1) + "/rtc?" + query.Encode()
	socket, response, err := websocket.DefaultDialer.DialContext(ctx, address, nil)
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("joining: %s", response.Status)
		}
		return nil, err
	}
	peer, err := newPeer()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(at.life, func() { socket.Close() })
	return &session{socket: socket, peer: peer, target: target, done: make(chan error, 1)}, nil
}

func (at *livekit) publish(ctx context.Context, room Room, track *clipTrack) error {
	joined, err := at.join(ctx, room.Publisher, protocol.SignalTarget_PUBLISHER)
	if err != nil {
		return err
	}
	sender, err := joined.peer.AddTrack(track)
	if err != nil {
		return err
	}
	go track.listen(sender)
	go joined.read()
	if err := joined.write(&protocol.SignalRequest{Message: &protocol.SignalRequest_AddTrack{
		AddTrack: &protocol.AddTrackRequest{
			Cid: track.ID(), Name: "clip", Type: protocol.TrackType_VIDEO, Source: protocol.TrackSource_CAMERA,
			Width: 1280, Height: 720,
		},
	}}); err != nil {
		return err
	}
	return joined.wait(ctx)
}

func (at *livekit) receive(ctx context.Context, _ Room, token string, counter *receiver) error {
	joined, err := at.join(ctx, token, protocol.SignalTarget_SUBSCRIBER)
	if err != nil {
		return err
	}
	joined.peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { counter.read(track) })
	go joined.read()
	return joined.wait(ctx)
}

func (joined *session) wait(ctx context.Context) error {
	select {
	case err := <-joined.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// read handles what the server says until the connection ends.
func (joined *session) read() {
	for {
		_, data, err := joined.socket.ReadMessage()
		if err == nil {
			var response protocol.SignalResponse
			if err = proto.Unmarshal(data, &response); err == nil {
				err = joined.handle(&response)
			}
		}
		if err != nil {
			select {
			case joined.done <- err:
			default:
			}
			return
		}
	}
}

func (joined *session) handle(response *protocol.SignalResponse) error {
	switch message := response.Message.(type) {
	case *protocol.SignalResponse_TrackPublished:
		offer, err := joined.peer.CreateOffer(nil)
		if err != nil {
			return err
		}
		local, err := settle(joined.peer, offer)
		if err != nil {
			return err
		}
		return joined.write(&protocol.SignalRequest{Message: &protocol.SignalRequest_Offer{
			Offer: &protocol.SessionDescription{Type: "offer", Sdp: local.SDP, Id: 1},
		}})
	case *protocol.SignalResponse_Answer:
		return joined.finish(joined.remote(webrtc.SDPTypeAnswer, message.Answer.Sdp))
	case *protocol.SignalResponse_Offer:
		if err := joined.remote(webrtc.SDPTypeOffer, message.Offer.Sdp); err != nil {
			return err
		}
		answer, err := joined.peer.CreateAnswer(nil)
		if err != nil {
			return err
		}
		local, err := settle(joined.peer, answer)
		if err != nil {
			return err
		}
		return joined.finish(joined.write(&protocol.SignalRequest{Message: &protocol.SignalRequest_Answer{
			Answer: &protocol.SessionDescription{Type: "answer", Sdp: local.SDP, Id: message.Offer.Id},
		}}))
	case *protocol.SignalResponse_Trickle:
		if message.Trickle.Target != joined.target {
			return nil
		}
		var candidate webrtc.ICECandidateInit
		if err := json.Unmarshal([]byte(message.Trickle.CandidateInit), &candidate); err != nil {
			return err
		}
		if joined.peer.RemoteDescription() == nil {
			joined.early = append(joined.early, candidate)
			return nil
		}
		return joined.peer.AddICECandidate(candidate)
	case *protocol.SignalResponse_Leave:
		return errors.New("the server sent the participant away")
	}
	return nil
}

// finish tells the one who waits that everything is set up.
func (joined *session) finish(err error) error {
	if err == nil {
		select {
		case joined.done <- nil:
		default:
		}
	}
	return err
}

func (joined *session) remote(kind webrtc.SDPType, sdp string) error {
	if err := joined.peer.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: sdp}); err != nil {
		return err
	}
	for _, candidate := range joined.early {
		if err := joined.peer.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	joined.early = nil
	return nil
}

func (joined *session) write(request *protocol.SignalRequest) error {
	data, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	joined.mutex.Lock()
	defer joined.mutex.Unlock()
	return joined.socket.WriteMessage(websocket.BinaryMessage, data)
}
