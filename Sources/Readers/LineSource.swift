package import Events

/// A place that holds messages, one a line, in the order in which they were written.
package protocol LineSource: AnyObject {}
