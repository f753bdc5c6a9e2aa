package main

import "testing"

func TestCount(t *testing.T) {
	for name, each := range map[string]struct {
		numbers []uint16
		want    counts
	}{
		"in order":               {[]uint16{1, 2, 3}, counts{packets: 3}},
		"over the end":           {[]uint16{65534, 65535, 0, 1}, counts{packets: 4}},
		"one is lost":            {[]uint16{1, 3, 4}, counts{packets: 3, lost: 1}},
		"one comes late":         {[]uint16{1, 3, 2, 4}, counts{packets: 4}},
		"one comes twice":        {[]uint16{1, 2, 2, 3}, counts{packets: 3}},
		"late over the end":      {[]uint16{65535, 1, 0}, counts{packets: 3}},
		"before the first":       {[]uint16{10, 9, 11}, counts{packets: 2}},
		"lost, then comes twice": {[]uint16{1, 3, 2, 2}, counts{packets: 3}},
	} {
		receiver := newReceiver(0, 0)
		for _, number := range each.numbers {
			if receiver.count(number) {
				receiver.counts.packets++
			}
		}
		if receiver.counts != each.want {
			t.Errorf("%s: got %+v, want %+v", name, receiver.counts, each.want)
		}
	}
}
