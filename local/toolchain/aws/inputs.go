package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/propertyvalue"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// translateInputs turns what @pulumi/aws accepts and Terraform does not into what it does: a resource, where its id is
// meant, into the id, and the object of a policy into JSON text. Document names the policy's property, if there is one.
func translateInputs(document resource.PropertyKey) info.PreCheckCallback {
	return func(_ context.Context, inputs, _ resource.PropertyMap) (resource.PropertyMap, error) {
		inputs = propertyvalue.Transform(idOfResource, resource.NewObjectProperty(inputs)).ObjectValue()
		if policy, ok := inputs[document]; ok {
			text, err := documentText(policy)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", document, err)
			}
			inputs[document] = text
		}
		return inputs, nil
	}
}

func idOfResource(value resource.PropertyValue) resource.PropertyValue {
	if value.IsResourceReference() {
		return value.ResourceReferenceValue().ID
	}
	return value
}

// documentText returns an object as JSON text, and anything else as it is. The text of an object with parts that are
// not known yet is not known either, and that of one with secret parts is secret.
func documentText(value resource.PropertyValue) (resource.PropertyValue, error) {
	plain := propertyvalue.RemoveSecrets(value)
	if !plain.IsObject() {
		return value, nil
	}
	if plain.ContainsUnknowns() {
		return resource.MakeComputed(resource.NewStringProperty("")), nil
	}
	text, err := json.Marshal(plain.Mappable())
	if err != nil {
		return value, err
	}
	result := resource.NewStringProperty(string(text))
	if value.ContainsSecrets() {
		result = resource.MakeSecret(result)
	}
	return result, nil
}
