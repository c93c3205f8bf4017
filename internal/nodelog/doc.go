// Package nodelog makes long logs of booking events in embedded nodes on disk, for benchmarks.
//
// The log is that of a salon chain over ten weeks: every fact comes from a verb of the domain, every append carries what a
// command writes, and the lives of tens of thousands of bookings are interleaved as they are in a chain. It is the same at
// every run, event ids and positions included.
//
// It holds what the branches and their staff are, and then booking events alone. Of staff-days, whose claims come and go with
// the bookings, it has nothing: no read model of bookings folds them, so they would do nothing but dilute the figures.
//
// It is for tests only. It may import the store and the node, and nothing that uses them.
package nodelog
