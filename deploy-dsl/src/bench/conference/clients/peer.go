package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// newPeer makes a connection that can do what a browser does for VP8: repair, reports, bandwidth feedback.
func newPeer() (*webrtc.PeerConnection, error) {
	engine := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{
		{Type: "goog-remb"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
	}
	for _, codec := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback}, PayloadType: 96},
		{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96"}, PayloadType: 97},
	} {
		if err := engine.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	// As a browser does; Pion would be the server of one that is ICE-lite.
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleClient); err != nil {
		return nil, err
	}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetICEMulticastDNSMode(0)
	// A busy machine answers late; without a second candidate a pair that was given up is the end of it.
	settings.SetICEMaxBindingRequests(100)
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return api.NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
}

// settle applies the own description and waits until it has all candidates.
func settle(peer *webrtc.PeerConnection, description webrtc.SessionDescription) (*webrtc.SessionDescription, error) {
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(description); err != nil {
		return nil, err
	}
	<-gathered
	return peer.LocalDescription(), nil
}

// attribute is the value of a line "a=name:value" of an SDP.
func attribute(sdp, name string) (string, error) {
	for line := range strings.Lines(sdp) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), "a="+name+":"); found {
			return value, nil
		}
	}
	return "", fmt.Errorf("no a=%s in the SDP", name)
}
