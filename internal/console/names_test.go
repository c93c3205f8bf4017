package console_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// Messages come that this page knows nothing of. Of a booking they make it read that booking, by the id that they name; of
// anything else the list; and never is the one taken for the other.
func TestMessagesOfUnknownNamesMakeThePageRead(t *testing.T) {
	e := startEngine(t, engineOptions{silent: true})
	c := e.api
	id, other := c.request(priya, 0, 1, 11), c.request(priya, 1, 2, 11)
	r := c.change(meera, id, "0", map[string]any{"action": "approve"})
	b := openTab(t, e.url, 1280, 860)
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the bookings", badge(1, id, "Confirmed")+" && "+badge(1, other, "Pending"))
	desk, mine := "admin:bookings:"+bandra, "customer:"+priya+":bookings"
	position := func() any { return c.do(meera, http.MethodGet, "/api/bookings/"+id, "", nil)["position"] }

	for i, m := range []struct {
		name, entity string
		more         map[string]any
	}{
		{"booking.rescheduled", id, map[string]any{"newDate": "2031-02-03", "newStartTime": "04:05", "oldDate": "2031-02-01", "oldStartTime": "04:05"}},
		{"booking.rescheduled", id, map[string]any{"newDate": "2031-02-03", "newStartTime": "04:05", "segmentIds": []string{"seg_1"}}},
		{"booking.updated", id, map[string]any{"totalPaise": 1, "currency": "INR", "endTime": "2031-02-03T04:05:06Z"}},
		{"booking.updated", id, map[string]any{"noteId": "nt_00000001"}},
		{"booking.updated", id, map[string]any{"services": "not a list", "endTime": "never"}},
		{"booking.staff_assigned", id, map[string]any{"segmentId": "seg_other", "staffName": nil}},
		{"booking.staff_changed", id, map[string]any{"segmentId": "seg_1", "fromStaffId": asha, "toStaffId": dev}},
		{"booking.needs_staff", id, map[string]any{"segmentId": "seg_1", "fromStaffId": asha}},
		{"booking.no_show", id, map[string]any{"auto": true}},
		{"booking.cancelled", id, map[string]any{"cancelledBy": "system"}},
		{"booking.status_changed", id, map[string]any{"fromStatus": "confirmed", "toStatus": "in_progress"}},
		{"note.added", id, map[string]any{"noteId": "nt_00000001", "note": "Hello", "addedBy": "salon"}},
		{"note.removed", id, map[string]any{"noteId": "nt_00000001"}},
		{"slot.status", id, map[string]any{"status": "in_progress"}},
		{"slot.reassigned", id, map[string]any{"fromStaffId": asha, "toStaffId": dev}},
		{"booking.conflict", "lv_00000001", map[string]any{"leaveId": "lv_00000001"}},
		{"booking.conflict", bandra, map[string]any{"closureId": "cls_0001"}},
		{"something.new", "xyz_00000001", nil},
		{"something.new", id, nil},
	} {
		// Something did happen, and the message says too little of it, or too much.
		r = c.swap(id, r, 0)
		_, staff := c.segments(id)
		data := map[string]any{
			"entity": m.entity, "bookingId": id, "version": json.Number(r), "part": 0, "position": position(),
			"occurredAt": "2026-01-01T00:00:00Z", "branchId": bandra,
		}
		if m.entity != id {
			data["version"] = i % 2 * 900 // of another stream: nothing that a booking's can be compared with
		}
		maps.Copy(data, m.more)
		e.publish(mine, m.name, data)
		b.until(m.name+" to make the page read", fmt.Sprintf(`(() => {
			const card = document.querySelector(%q);
			return card?.dataset.revision === '%s' && !card.hasAttribute('data-incomplete') &&
				card.querySelector('.card-line').textContent === 'with %s' && card.dataset.status === 'confirmed';
		})()`, inPane(1, ".card[data-id='"+id+"']"), r, map[string]string{asha: "Asha Rao", dev: "Dev Kapoor"}[staff[0]]))
	}

	// What names no booking makes the page read the list.
	const lists = `performance.getEntriesByType('resource').filter((r) => r.name.includes('status=pending')).length`
	for _, m := range []struct {
		name string
		data any
	}{
		{"leave.approved", map[string]any{"entity": "lv_00000001", "version": 7, "part": 0, "position": position(), "leaveId": "lv_00000001"}},
		{"staff.marked_off", map[string]any{"entity": "lv_00000001", "version": 7, "part": 1, "position": position(), "staffId": asha}},
		{"branch.closed", map[string]any{"entity": bandra, "version": 12, "part": 0, "position": position()}},
		{"resync", map[string]any{"entity": id, "version": 1, "part": 0, "position": 1}},
		{"booking.new", map[string]any{"bookingId": "bkg_nothing00001"}},
		{"booking.status_changed", nil},
		{"who.knows", "text that is no JSON"},
		{"who.knows", "[1, 2]"},
	} {
		before := value[int](b, lists)
		e.publish(desk, m.name, m.data)
		b.until(m.name+" to make the page read its list", fmt.Sprintf("%s > %d", lists, before))
	}

	// A booking that cannot be read leaves no card behind, whatever was told of it.
	e.publish(desk, "booking.walkin_created", map[string]any{
		"entity": "bkg_nothing00002", "bookingId": "bkg_nothing00002", "version": 0, "part": 0, "position": position(),
		"customerName": "Nobody", "services": []map[string]any{{"name": "Nothing"}}, "date": "2031-02-03", "time": "04:05",
	})
	b.until("the walk-in to be looked for", `performance.getEntriesByType('resource').some((r) => r.name.includes('bkg_nothing00002'))`)
	b.until("no trace of it", `!document.querySelector("[data-id='bkg_nothing00002']")`)

	// And none of all that keeps out what is true.
	c.change(meera, other, "0", map[string]any{"action": "approve"})
	e.publish(mine, "booking.status_changed", map[string]any{
		"entity": other, "bookingId": other, "version": 1, "part": 0, "position": position(),
		"occurredAt": "2026-01-01T00:00:00Z", "branchId": bandra, "fromStatus": "pending", "toStatus": "confirmed",
	})
	b.until("the next change", badge(1, other, "Confirmed"))
	if wrong := value[string](b, `performance.getEntriesByType('resource').map((r) => r.name).filter((n) => /bookings\/(?!bkg_)/.test(n)).join()`); wrong != "" {
		t.Errorf("the page took something else for a booking: %s", wrong)
	}
	if said := b.broken(); len(said) != 1 || !strings.Contains(said[0], "Uncaught") {
		t.Errorf("the page complained: %q, want the one message that nobody can understand", said)
	}
}

// A status that the page does not know is shown in words, among what goes on; of those it knows it also knows which are ends.
func TestEveryStatusIsShownInWords(t *testing.T) {
	e := startEngine(t, engineOptions{silent: true})
	c := e.api
	id, other := c.request(priya, 0, 1, 11), c.request(rahul, 1, 2, 11)
	b := openTab(t, e.url, 1280, 860)
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the booking", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
	value[int](b, fmt.Sprintf(`(window.kept = document.querySelectorAll(".card[data-id='%s']")).length`, id))
	r := "0"
	for i, s := range []struct{ status, words, group string }{
		{"confirmed", "Confirmed", "confirmed"},
		{"checked_in", "Checked in", "confirmed"},
		{"in_progress", "In progress", "confirmed"},
		{"completed", "Completed", "closed"},
		{"awaiting_parts", "Awaiting parts", "confirmed"},
		{"no_show", "No-show", "closed"},
		{"constructor", "Constructor", "confirmed"},
		{"pending", "Pending", "pending"},
	} {
		r = c.swap(other, r, 0) // the log moves on
		for _, channel := range []string{"admin:bookings:" + bandra, "customer:" + priya + ":bookings"} {
			e.publish(channel, "booking.status_changed", map[string]any{
				"entity": id, "bookingId": id, "version": i + 1, "part": 0, "occurredAt": "2026-01-01T00:00:00Z", "branchId": bandra,
				"position": c.do(meera, http.MethodGet, "/api/bookings/"+other, "", nil)["position"],
				"toStatus": s.status,
			})
		}
		b.until(s.status+" in words", fmt.Sprintf(`[...kept].every((card) => card.querySelector('.badge').textContent === %q)`, s.words))
		want := map[string]int{"pending": 1} // the other booking
		want[s.group]++
		for _, group := range []string{"pending", "confirmed", "closed"} {
			b.until(s.status+" in its group", count(2, group, want[group]))
		}
		if s.status == "in_progress" {
			b.shootAll("statuses")
		}
	}
}
