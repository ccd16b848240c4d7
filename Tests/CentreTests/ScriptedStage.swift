import Foundation
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
  /// For tests whose disks, network or clock are their own.
  static var needsNamespaces: Self {
    .enabled(if: Surroundings.isRoot && Surroundings.installed("unshare") != nil, "needs root, and unshare(1)")
  }
}

/// A centre and an agent that a shell script starts and looks after, in namespaces of their own.
///
/// The script has: `start`, which starts both; `record COMMAND…`; `list`, what the centre lists; `ended N`, which waits until
/// the centre has N whole recordings; `export_all FORM`, each in brackets.
enum ScriptedStage {
  private static let prepare = """
    set -e
    trap 'kill $agent $centre 2>/dev/null' EXIT
    mkdir data state run adopt
    start() {
      AT_CENTRE STENOD --data data --listen 127.0.0.1:0 --config stenod.yaml >listening 2>log & centre=$!
      until grep -q listening listening; do kill -0 $centre; sleep 0.02; done
      STENOD join-token --data data --host h1 >token
      start_agent
    }
    start_agent() {
      rm -f run/self.sock
      AT_HOST AGENT --state state --run run --adopt adopt --host h1 --server https://$(sed -n 's/.* on //p' listening) \\
        --ca data/ca.pem --join @token 2>>agent.log & agent=$!
      until [ -S run/self.sock ]; do kill -0 $agent; sleep 0.02; done
    }
    record() { AT_HOST RECORDER --writer=agent --agent-path=$PWD/run/self.sock "$@" </dev/null; }
    list() { STENO_SERVER=unix:$PWD/data/stenod.sock STENO ls --json; }
    count() { list | grep -o '"'$1'"' | wc -l; }
    # In whatever state.
    ended() {
      until [ "$(list | grep '"state"' | grep -vc '"live"')" = $1 ]; do kill -0 $centre; kill -0 $agent; sleep 0.05; done
    }
    export_all() {
      for id in $(list | grep -o '"id" *: *"[a-z2-7]*"' | cut -d '"' -f 4); do
        echo "[$(STENO_SERVER=unix:$PWD/data/stenod.sock STENO export --format $1 $id)]"
      done
    }
    stop() { trap - EXIT; kill $agent $centre; wait $agent $centre; }

    """

  /// Runs `script` behind the preparation, and expects that it succeeds.
  ///
  /// - Parameters:
  ///   - namespaces: Options of unshare(1).
  ///   - host: What comes before the agent's and the recorder's command, say `env` with variables.
  ///   - centre: The same for the centre.
  /// - Returns: What it printed.
  static func run(
    _ script: String, in namespaces: [String], configuration: String = Centre.noFreeSpace, host: String = "",
    centre: String = ""
  ) async throws -> String {
    let scratch = try ScratchDirectory()
    try scratch.write("stenod.yaml", configuration)
    var text = prepare + script + "\nstop\n"
    for (word, program) in [
      ("AT_CENTRE", centre), ("AT_HOST", host), ("STENOD ", Centre.built("stenod") + " "),
      ("AGENT ", Centre.built("steno-agent") + " "), ("STENO ", Centre.built("steno") + " "),
      ("RECORDER ", Surroundings.ours("tlog-rec") + " "),
    ] { text = text.replacing(word, with: program) }
    let program = try DrivenProgram(
      onPipes: ["/usr/bin/unshare"] + namespaces + ["/bin/sh", "-c", text], directory: scratch.path)
    var end: Exit?
    do { end = try await program.end() } catch { Issue.record(error) }
    #expect(end == .status(0), "\(program.errorText)\n\(scratch.text("log"))\n\(scratch.text("agent.log"))")
    return program.text
  }
}
