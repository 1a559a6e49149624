"""The whole product on one machine: a local Slack with a page, a local Origami, and the real bot between."""
