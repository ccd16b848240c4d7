// The timeline of a recording.
