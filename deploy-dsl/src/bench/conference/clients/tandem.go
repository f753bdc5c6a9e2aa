package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pion/webrtc/v4"
)

// tandem is a media server of Tandem, used as the service signal uses it: by its HTTP interface.
type tandem struct {
	url    string
	client *http.Client
	// life is that of all who join: longer than their joining.
	life context.Context
}

func newTandem(life context.Context, url string) *tandem {
	// One connection for the events of each peer, and some for requests.
	return &tandem{url: url, life: life, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

type transport struct {
	ID            string `json:"id"`
	IceParameters struct {
		UsernameFragment string `json:"usernameFragment"`
		Password         string `json:"password"`
	} `json:"iceParameters"`
	IceCandidates []struct {
		Foundation string `json:"foundation"`
		Priority   int    `json:"priority"`
		Address    string `json:"address"`
		Protocol   string `json:"protocol"`
		Port       int    `json:"port"`
	} `json:"iceCandidates"`
	DtlsParameters dtlsParameters `json:"dtlsParameters"`
}

type dtlsParameters struct {
	Role         string        `json:"role"`
	Fingerprints []fingerprint `json:"fingerprints"`
}

type fingerprint struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type rtpParameters struct {
	Mid              string      `json:"mid,omitempty"`
	Codecs           []codec     `json:"codecs"`
	HeaderExtensions []extension `json:"headerExtensions"`
	Encodings        []encoding  `json:"encodings"`
	Rtcp             struct {
		Cname string `json:"cname"`
	} `json:"rtcp"`
}

type codec struct {
	MimeType     string         `json:"mimeType"`
	PayloadType  int            `json:"payloadType"`
	ClockRate    int            `json:"clockRate"`
	Parameters   map[string]any `json:"parameters,omitempty"`
	RtcpFeedback []feedback     `json:"rtcpFeedback"`
}

type feedback struct {
	Type      string `json:"type"`
	Parameter string `json:"parameter,omitempty"`
}

type extension struct {
	URI string `json:"uri"`
	ID  int    `json:"id"`
}

type ssrc struct {
	Ssrc uint32 `json:"ssrc"`
}

type encoding struct {
	Ssrc uint32 `json:"ssrc"`
	Rtx  *ssrc  `json:"rtx,omitempty"`
}

type peerState struct {
	Events    int `json:"events"`
	Producers []struct {
		ID string `json:"id"`
	} `json:"producers"`
	RtpCapabilities json.RawMessage `json:"rtpCapabilities"`
}

// stay is a peer in a room of a media server.
type stay struct {
	at    *tandem
	path  string
	token string
	state peerState
}

func (at *tandem) enter(ctx context.Context, room Room, grant string) (*stay, error) {
	var joined struct {
		Peer  string    `json:"peer"`
		Token string    `json:"token"`
		State peerState `json:"state"`
	}
	path := "/api/media/rooms/" + url.PathEscape(room.Name) + "/peers"
	if err := at.send(ctx, "POST", path, grant, struct{}{}, &joined); err != nil {
		return nil, err
	}
	entered := &stay{at: at, path: "/api/media/peers/" + joined.Peer, token: joined.Token, state: joined.State}
	go entered.listen(at.life)
	return entered, nil
}

// listen reads the events of the peer, as signalling does: whose events nobody reads has left.
func (entered *stay) listen(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, "GET", entered.at.url+entered.path+"/events", nil)
	if err != nil {
		return
	}
	request.Header.Set("authorization", "Bearer "+entered.token)
	request.Header.Set("accept", "text/event-stream")
	request.Header.Set("last-event-id", strconv.Itoa(entered.state.Events))
	response, err := entered.at.client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
}

func (entered *stay) send(ctx context.Context, method, path string, body, answer any) error {
	return entered.at.send(ctx, method, entered.path+path, entered.token, body, answer)
}

func (entered *stay) transport(ctx context.Context, direction string) (transport, error) {
	var made transport
	err := entered.send(ctx, "POST", "/transports", map[string]string{"direction": direction}, &made)
	return made, err
}

// connect tells the media server the own side of DTLS.
func (entered *stay) connect(ctx context.Context, made transport, local string) error {
	value, err := attribute(local, "fingerprint")
	if err != nil {
		return err
	}
	algorithm, digest, _ := strings.Cut(value, " ")
	parameters := dtlsParameters{Role: "client", Fingerprints: []fingerprint{{algorithm, digest}}}
	body := map[string]any{"dtlsParameters": parameters}
	return entered.send(ctx, "POST", "/transports/"+made.ID+"/connect", body, nil)
}

func (at *tandem) publish(ctx context.Context, room Room, track *clipTrack) error {
	entered, err := at.enter(ctx, room, room.Publisher)
	if err != nil {
		return err
	}
	made, err := entered.transport(ctx, "send")
	if err != nil {
		return err
	}
	peer, err := newPeer()
	if err != nil {
		return err
	}
	sender, err := peer.AddTrack(track)
	if err != nil {
		return err
	}
	go track.listen(sender)
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		return err
	}
	local, err := settle(peer, offer)
	if err != nil {
		return err
	}
	parameters := sendParameters(sender)
	answer := describe(made, parameters, "recvonly", "passive")
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	if err := entered.connect(ctx, made, local.SDP); err != nil {
		return err
	}
	body := map[string]any{"transport": made.ID, "source": "camera", "rtpParameters": parameters}
	return entered.send(ctx, "POST", "/producers", body, nil)
}

func (at *tandem) receive(ctx context.Context, room Room, token string, counter *receiver) error {
	entered, err := at.enter(ctx, room, token)
	if err != nil {
		return err
	}
	if len(entered.state.Producers) != 1 {
		return fmt.Errorf("%d producers in the room", len(entered.state.Producers))
	}
	made, err := entered.transport(ctx, "receive")
	if err != nil {
		return err
	}
	var consumer struct {
		ID            string        `json:"id"`
		RtpParameters rtpParameters `json:"rtpParameters"`
	}
	wanted := map[string]any{
		"transport":       made.ID,
		"producer":        entered.state.Producers[0].ID,
		"rtpCapabilities": entered.state.RtpCapabilities,
	}
	if err := entered.send(ctx, "POST", "/consumers", wanted, &consumer); err != nil {
		return err
	}
	peer, err := newPeer()
	if err != nil {
		return err
	}
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { counter.read(track) })
	consumer.RtpParameters.Mid = "0"
	offer := describe(made, consumer.RtpParameters, "sendonly", "actpass")
	if err := peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return err
	}
	answer, err := peer.CreateAnswer(nil)
	if err != nil {
		return err
	}
	local, err := settle(peer, answer)
	if err != nil {
		return err
	}
	if err := entered.connect(ctx, made, local.SDP); err != nil {
		return err
	}
	return entered.send(ctx, "PATCH", "/consumers/"+consumer.ID, map[string]bool{"paused": false}, nil)
}

// sendParameters says in mediasoup's words what a sender sends.
func sendParameters(sender *webrtc.RTPSender) rtpParameters {
	given := sender.GetParameters()
	parameters := rtpParameters{Mid: "0", HeaderExtensions: []extension{}}
	parameters.Rtcp.Cname = "bench"
	for _, each := range given.Codecs {
		made := codec{MimeType: each.MimeType, PayloadType: int(each.PayloadType), ClockRate: int(each.ClockRate)}
		if apt, found := strings.CutPrefix(each.SDPFmtpLine, "apt="); found {
			number, _ := strconv.Atoi(apt)
			made.Parameters = map[string]any{"apt": number}
		}
		made.RtcpFeedback = []feedback{}
		for _, one := range each.RTCPFeedback {
			made.RtcpFeedback = append(made.RtcpFeedback, feedback{one.Type, one.Parameter})
		}
		parameters.Codecs = append(parameters.Codecs, made)
	}
	for _, each := range given.HeaderExtensions {
		if strings.Contains(each.URI, "transport-wide-cc") || strings.HasSuffix(each.URI, "sdes:mid") {
			parameters.HeaderExtensions = append(parameters.HeaderExtensions, extension{each.URI, each.ID})
		}
	}
	for _, each := range given.Encodings {
		made := encoding{Ssrc: uint32(each.SSRC)}
		if each.RTX.SSRC != 0 {
			made.Rtx = &ssrc{uint32(each.RTX.SSRC)}
		}
		parameters.Encodings = append(parameters.Encodings, made)
	}
	return parameters
}

// describe says in SDP what the media server says in its own words, for one picture.
func describe(made transport, parameters rtpParameters, direction, setup string) string {
	var types []string
	for _, each := range parameters.Codecs {
		types = append(types, strconv.Itoa(each.PayloadType))
	}
	var sdp strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&sdp, format+"\r\n", values...) }
	line("v=0")
	line("o=- 1 1 IN IP4 127.0.0.1")
	line("s=-")
	line("t=0 0")
	line("a=ice-lite")
	line("a=group:BUNDLE %s", parameters.Mid)
	line("a=msid-semantic: WMS *")
	line("m=video 9 UDP/TLS/RTP/SAVPF %s", strings.Join(types, " "))
	line("c=IN IP4 127.0.0.1")
	line("a=mid:%s", parameters.Mid)
	line("a=%s", direction)
	line("a=rtcp-mux")
	line("a=rtcp-rsize")
	line("a=setup:%s", setup)
	for _, each := range made.DtlsParameters.Fingerprints {
		if each.Algorithm == "sha-256" {
			line("a=fingerprint:%s %s", each.Algorithm, each.Value)
		}
	}
	line("a=ice-ufrag:%s", made.IceParameters.UsernameFragment)
	line("a=ice-pwd:%s", made.IceParameters.Password)
	for _, each := range made.IceCandidates {
		if each.Protocol == "udp" {
			line("a=candidate:%s 1 udp %d %s %d typ host", each.Foundation, each.Priority, each.Address, each.Port)
		}
	}
	line("a=end-of-candidates")
	for _, each := range parameters.Codecs {
		line("a=rtpmap:%d %s/%d", each.PayloadType, strings.TrimPrefix(each.MimeType, "video/"), each.ClockRate)
		if apt, found := each.Parameters["apt"]; found {
			line("a=fmtp:%d apt=%v", each.PayloadType, apt)
		}
		for _, one := range each.RtcpFeedback {
			line("a=rtcp-fb:%d %s", each.PayloadType, strings.TrimSpace(one.Type+" "+one.Parameter))
		}
	}
	for _, each := range parameters.HeaderExtensions {
		line("a=extmap:%d %s", each.ID, each.URI)
	}
	if direction == "sendonly" {
		line("a=msid:bench clip")
		for _, each := range parameters.Encodings {
			line("a=ssrc:%d cname:bench", each.Ssrc)
			if each.Rtx != nil {
				line("a=ssrc-group:FID %d %d", each.Ssrc, each.Rtx.Ssrc)
				line("a=ssrc:%d cname:bench", each.Rtx.Ssrc)
			}
		}
	}
	return sdp.String()
}

func (at *tandem) send(ctx context.Context, method, path, token string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, at.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("authorization", "Bearer "+token)
	response, err := at.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, response.Status, said)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}
