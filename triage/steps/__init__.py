"""One file a step: each fills its part of a draft and can be replaced or switched off."""
