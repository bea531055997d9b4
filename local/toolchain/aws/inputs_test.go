package main

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestTranslateInputs(t *testing.T) {
	t.Parallel()
	text := resource.NewStringProperty
	object := func(key resource.PropertyKey, value resource.PropertyValue) resource.PropertyValue {
		return resource.NewObjectProperty(resource.PropertyMap{key: value})
	}
	unknown := resource.MakeComputed(text(""))
	role := resource.MakeCustomResourceReference("urn:pulumi:s::p::aws:iam/role:Role::r", "role-1", "")

	cases := map[string]struct{ given, want resource.PropertyMap }{
		"text stays": {
			resource.PropertyMap{"policy": text("{}")},
			resource.PropertyMap{"policy": text("{}")},
		},
		"an object becomes JSON with sorted keys": {
			resource.PropertyMap{"policy": resource.NewObjectProperty(resource.PropertyMap{
				"b": resource.NewNumberProperty(1), "a": resource.NewArrayProperty([]resource.PropertyValue{text("x")}),
			})},
			resource.PropertyMap{"policy": text(`{"a":["x"],"b":1}`)},
		},
		"an object with an unknown part is unknown": {
			resource.PropertyMap{"policy": object("a", unknown)},
			resource.PropertyMap{"policy": unknown},
		},
		"an object with a secret part is secret": {
			resource.PropertyMap{"policy": object("a", resource.MakeSecret(text("x")))},
			resource.PropertyMap{"policy": resource.MakeSecret(text(`{"a":"x"}`))},
		},
		"another property's object stays": {
			resource.PropertyMap{"tags": object("a", text("b"))},
			resource.PropertyMap{"tags": object("a", text("b"))},
		},
		"a resource becomes its id, at any depth": {
			resource.PropertyMap{"role": role, "roles": resource.NewArrayProperty([]resource.PropertyValue{role})},
			resource.PropertyMap{
				"role": text("role-1"), "roles": resource.NewArrayProperty([]resource.PropertyValue{text("role-1")}),
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := translateInputs("policy")(context.Background(), c.given, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !got.DeepEquals(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
