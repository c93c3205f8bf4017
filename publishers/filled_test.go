package publishers_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// chooser decides where there is a choice of n; place counts the elements of a list.
type chooser interface {
	choose(n, place int, label string) int
}

// first takes the first, and in a list one after the other.
type first struct{}

func (first) choose(n, place int, _ string) int { return place % n }

// drawing lets rapid decide.
type drawing struct{ t *rapid.T }

func (d drawing) choose(n, _ int, label string) int { return rapid.IntRange(0, n-1).Draw(d.t, label) }

// The words that are looked for in messages. Each is found in one kind of field and nowhere else.
const (
	priceCanary  = 918273000 // and the numbers that follow
	leaveCanary  = "leavetype_canary"
	reasonCanary = "reason_canary"
	codeCanary   = "reasoncode_canary"
)

// filled returns the event with every field filled, and the texts of its seals by their keys. A text tells where in the
// event its seal is, such as "text of .Body".
func filled(zero domain.Event, c chooser) (domain.Event, map[string]string) {
	f := filler{chooser: c, texts: map[string]string{}}
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	f.fill(v, "")
	return v.Interface().(domain.Event), f.texts
}

type filler struct {
	chooser chooser
	texts   map[string]string
	count   int
	place   int // in the innermost list
}

func (f *filler) choose(n int, label string) int { return f.chooser.choose(n, f.place, label) }

func (f *filler) fill(v reflect.Value, path string) {
	switch v.Interface().(type) {
	case time.Time:
		f.count++
		v.Set(reflect.ValueOf(start.Add(time.Duration(f.count) * time.Minute)))
		return
	case domain.Sealed:
		key := "key" + path
		f.texts[key] = "text of " + path
		v.Set(reflect.ValueOf(domain.Sealed{KeyID: key, Box: []byte("box")}))
		return
	case map[string]string: // dates by branch
		v.Set(reflect.ValueOf(map[string]string{"BranchID.1": f.date(path)}))
		return
	}
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				f.fill(v.Field(i), path+"."+field.Name)
			}
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case v.Kind() == reflect.Slice:
		f.fillList(v, path)
	case v.Kind() == reflect.String:
		v.SetString(f.text(v.Interface(), path))
	case v.Kind() == reflect.Bool:
		v.SetBool(f.choose(2, path) == 0)
	case v.Kind() == reflect.Int64: // of the whole union, prices alone
		f.count++
		v.SetInt(priceCanary + int64(f.count))
	case v.CanInt():
		f.count++
		v.SetInt(int64(f.count))
	default:
		panic("no way to fill " + path + ", a " + v.Type().String())
	}
}

func (f *filler) fillList(v reflect.Value, path string) {
	outer := f.place
	v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	for i := range v.Len() {
		f.place = i
		f.fill(v.Index(i), path)
	}
	f.place = outer
}

func (f *filler) text(value any, path string) string {
	field := path[strings.LastIndex(path, ".")+1:]
	switch value.(type) {
	case domain.Status: // most is told of those that are confirmed
		return pick(f, path, append([]domain.Status{domain.StatusConfirmed}, domain.Statuses()...)...)
	case domain.Visibility:
		return pick(f, path, domain.VisibleCustomer, domain.VisibleInternal)
	case domain.SlotKind:
		return pick(f, path, domain.SlotFirm, domain.SlotTentative)
	case domain.Party:
		return pick(f, path, domain.PartySalon, domain.PartyCustomer, domain.PartySystem)
	case domain.Role:
		return pick(f, path, domain.RoleReceptionist, domain.RoleCustomer, domain.RoleStaff, domain.RoleSystem)
	case domain.LeaveType:
		return leaveCanary
	}
	switch field {
	case "Reason":
		return reasonCanary
	case "ReasonCode":
		return codeCanary
	case "LocalDates", "FromDate", "ToDate":
		return f.date(path)
	case "CustomerID":
		return pick(f, path, "CustomerID.1", "")
	}
	return fmt.Sprintf("%s.%d", field, 1+f.choose(3, path))
}

func pick[T ~string](f *filler, path string, options ...T) string {
	return string(options[f.choose(len(options), path)])
}

func (f *filler) date(path string) string {
	return domain.AddDays("2026-06-15", f.choose(2, path))
}
