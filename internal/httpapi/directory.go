package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/directory"
)

func (s *server) directoryRoutes() {
	register(s, operation{
		id: "putName", method: http.MethodPut, path: "/api/directory/{id}", tag: "Directory", body: nameEntry{},
		summary: "Set the name that is shown for an id", detail: "For the desk. Names are not part of the log. Who was erased gets no name again.",
	}, s.putName)
	register(s, operation{
		id: "getSession", method: http.MethodGet, path: "/api/session", tag: "Directory",
		summary: "Read who the caller is", detail: "What the caller's token says, and the caller's name.",
	}, s.getSession)
}

type nameEntry struct {
	Name string `json:"name" minLength:"1" maxLength:"200" pattern:"\\S" doc:"1 to 200 printable characters."`
}

type nameInput struct {
	ID string `path:"id" doc:"The id of a user, a member of staff or a branch."`
	BodyInput
}

type nameOutput struct {
	Body struct {
		ID   string `json:"id" doc:"Whose name it is."`
		Name string `json:"name" doc:"As it is shown from now on."`
	}
}

func (s *server) putName(ctx context.Context, in *nameInput) (*nameOutput, error) {
	if err := sessionOf(ctx).deskOnly(); err != nil {
		return nil, err
	}
	entry, err := in.entry()
	if err != nil {
		return nil, err
	}
	// People come and go between branches; a branch's own name belongs to its desk.
	if domain.ValidID(domain.BranchPrefix, in.ID) && !sessionOf(ctx).runsBranch(in.ID) {
		return nil, domain.Refuse(domain.Forbidden, domain.CodeForbidden, "this is another branch's name")
	}
	if err := s.notErased(ctx, in.ID); err != nil {
		return nil, err
	}
	out := &nameOutput{}
	out.Body.ID = in.ID
	out.Body.Name, err = s.Directory.PutName(ctx, in.ID, entry.Name)
	return out, err
}

// notErased refuses to name who was erased: nothing would delete the name again. It is a conflict, because no other name would do.
// A name that comes in before an erasure is carried out goes with it.
func (s *server) notErased(ctx context.Context, id string) error {
	erasure, err := s.Erasures.Report(ctx, id, 0)
	if err == nil && erasure.ErasedAt != 0 {
		err = domain.Refuse(domain.Conflict, domain.CodeConflict, "this customer was erased, and gets no name again")
	}
	return err
}

// entry reads the request, and names all that is wrong with it.
func (in *nameInput) entry() (nameEntry, error) {
	var faults []Field
	if !directory.Holds(in.ID) {
		faults = append(faults, Field{Parameter: "id", Message: "is not the id of a user, a member of staff or a branch"})
	}
	entry, fields, unread := decodeAll[nameEntry](in.RawBody, shape{})
	faults, err := setAside(append(faults, fields...), unread)
	if err != nil {
		return entry, err
	}
	if unread == nil && !named(faults, "/name") && !directory.ValidName(entry.Name) {
		faults = append(faults, Field{
			Pointer: "/name", Message: fmt.Sprintf("must have 1 to %d characters on one line that people can read", directory.MaxName),
		})
	}
	if len(faults) > 0 {
		return entry, wrongRequest(faults)
	}
	return entry, nil
}

type noInput struct{}

type sessionOutput struct {
	Body struct {
		UserID    string      `json:"userId" doc:"The caller."`
		Name      string      `json:"name,omitempty" doc:"As the directory has it."`
		Role      domain.Role `json:"role" doc:"What the caller may do."`
		StaffID   string      `json:"staffId,omitempty"`
		BranchIDs []string    `json:"branchIds" doc:"The branches at whose desk the caller works; owners and developers have all without being listed."`
	}
}

func (s *server) getSession(ctx context.Context, _ *noInput) (*sessionOutput, error) {
	session := sessionOf(ctx)
	names, err := s.Directory.Names(ctx, session.UserID)
	if err != nil {
		return nil, err
	}
	out := &sessionOutput{}
	out.Body.UserID, out.Body.Name, out.Body.Role = session.UserID, names[session.UserID], session.Role
	out.Body.StaffID, out.Body.BranchIDs = session.StaffID, append([]string{}, session.BranchIDs...)
	return out, nil
}
