import TestSupport
import Testing

/// The units, as `make install` puts them into a whole system.
@Suite("services of centre and agent", .needsTestSystem)
struct ServiceTests {
  @Test("systemd has nothing to say against the units, and finds them well confined")
  func units() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      cd /usr/lib/systemd/system
      systemd-analyze verify --man=no ./stenod.service ./steno-agent.service 2>&1 | grep -E '^(stenod|steno-agent|/.*/steno)'
      for unit in stenod steno-agent; do
        systemd-analyze security --offline=true --threshold=20 ./$unit.service >/dev/null 2>&1 || echo "$unit is exposed"
      done
      """#)
    #expect(scene.text == "", "\(scene.summary)")
  }

  @Test("a centre and an agent under their units write nothing of threads' priorities to the journal")
  func journal() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      # The units as they are installed, with names and folders of this test's own.
      centre=centre-${dir##*/} agent=agent-${dir##*/} units=/run/systemd/system
      trap 'systemctl stop $centre $agent; rm -f $units/{$centre,$agent}.service; cleanup' EXIT
      install -d -m 700 -o stenod -g stenod $dir/centre
      install -d -m 700 -o steno-agent -g steno-agent $dir/state
      install -d -m 755 -o steno-agent -g steno-agent $dir/run
      echo 'free-bytes-min: 0' >$dir/stenod.yaml
      sed "s,/var/lib/steno,$dir/centre,; s,/etc/steno/stenod.yaml,$dir/stenod.yaml --listen 127.0.0.1:0," \
        /usr/lib/systemd/system/stenod.service >$units/$centre.service
      systemctl daemon-reload
      systemctl start $centre || exit 1
      install -m 644 $dir/centre/ca.pem $dir/ca.pem
      server=https://localhost:$(sed 's/.*://' $dir/centre/address)
      token=$(stenod join-token --data $dir/centre --host recorded-host)
      sed "s,/var/lib/steno-agent,$dir/state,; s,/run/steno,$dir/run,; \
        s,\$STENO_AGENT_OPTIONS,--server $server --ca $dir/ca.pem --join $token --host recorded-host," \
        /usr/lib/systemd/system/steno-agent.service >$units/$agent.service
      systemctl daemon-reload
      systemctl start $agent || exit 1
      export STENO_SERVER=unix:$dir/centre/stenod.sock
      until steno hosts | grep -q recorded-host; do sleep 0.1; done
      journalctl --sync
      # The joining, so that it is known that lines of these units are there.
      journalctl --unit $centre --unit $agent --output cat | grep -oi 'joined the centre\|thread priority' | sort -u
      """#)
    #expect(scene.text == "joined the centre\n", "\(scene.summary)")
  }

  @Test("what shells complete is in place, and bash and zsh read it")
  func completions() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      for program in steno stenod steno-agent tlog-play tlog-rec tlog-rec-session; do
        bash -n /usr/share/bash-completion/completions/$program || echo "bash: $program"
        zsh -n /usr/share/zsh/vendor-completions/_$program || echo "zsh: $program"
        test -s /usr/share/fish/vendor_completions.d/$program.fish || echo "fish: $program"
      done
      offered() {
        . /usr/share/bash-completion/completions/$1
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
        $(complete -p $1 | sed 's/.*-F \([^ ]*\).*/\1/') "$1" "${!#}" "${@: -2:1}" 2>/dev/null
        echo "${COMPREPLY[@]}"
      }
      (offered steno ex)
      (offered tlog-rec --wri)
      (offered tlog-play --reader j)
      """#)
    #expect(scene.text == "export\n--writer\njournal\n", "\(scene.summary)")
  }

  @Test("users, groups and folders are those that the units name")
  func accounts() async throws {
    let scene = try await Scene(.steno).run(
      #"""
      id -nG stenod; id -nG steno-agent
      stat -c '%U:%G %a %n' /var/lib/steno /var/lib/steno-agent /run/steno
      test -s /etc/steno/stenod.yaml && echo configured
      """#)
    let expected = """
      stenod steno
      steno-agent steno-rec
      stenod:steno 710 /var/lib/steno
      steno-agent:steno-agent 700 /var/lib/steno-agent
      root:steno-agent 1775 /run/steno
      configured

      """
    #expect(scene.text == expected, "\(scene.summary)")
  }
}
