#!/usr/bin/perl
# The way out of a container without a network, for a server whose catalog entry lists the hosts that it may reach. The folder has a
# Unix socket for each, `<host>:<port>`, behind which a proxy in another container connects to that host. Here, a listed name has an
# address of its own in 127.0.0.0/8, and what connects to its port there is passed on to its socket. Other names do not exist, which
# every resolver tells its caller at once; they are logged. The folder is looked at each time: it may change.
#
# Without the folder, no name exists.
#
#   egress.pl <folder> [<port of DNS> [<seconds between two reports of the same name>]]
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Fcntl;
use Socket;

use constant { CHUNK => 32_768, MOST_CONNECTIONS => 256, BACKLOG => 128 };
use constant { MOST_NAMES => 20, LONGEST_QUESTION => 512 };
use constant { A => 1, NO_ERROR => 0, SERVER_FAILED => 2, NO_SUCH_NAME => 3, TTL => 5 };

my ($folder, $dns_port, $window) = @ARGV;
die "usage: egress.pl <folder> [<port of DNS> [<seconds>]]\n" unless defined $folder;
$dns_port //= 53;
$window //= 300;

my %address_of;    # host => its address here
my %listeners;     # file number => { socket, path, name }
my %listening;     # path of a socket => file number
my %ends;          # file number => an end of a connection: { socket, out, other, eof, shut }
my ($reads, $writes) = ('', '');
my %refused;       # name => how often, since it was told
my ($further, $window_end) = (0, 0);

$SIG{PIPE} = 'IGNORE';
my $dns = dns_socket();
watch_reads(fileno $dns, 1);

while (1) {
  my ($readable, $writable) = ($reads, $writes);
  my $wait = $window_end ? max(0, $window_end - time) : undef;
  my $count = select $readable, $writable, undef, $wait;
  tell_window() if $window_end && time >= $window_end;
  next if $count <= 0;
  for my $number (grep { vec $writable, $_, 1 } keys %ends) { write_to($ends{$number}) if $ends{$number} }
  for my $number (grep { vec $readable, $_, 1 } keys %ends) { read_from($ends{$number}) if $ends{$number} }
  for my $number (grep { vec $readable, $_, 1 } keys %listeners) { accept_from($listeners{$number}) }
  answer() if vec $readable, fileno $dns, 1;
}

# --- names

sub dns_socket {
  socket my $socket, PF_INET, SOCK_DGRAM, 0 or die "egress.pl: $!\n";
  bind $socket, pack_sockaddr_in($dns_port, INADDR_LOOPBACK) or die "egress.pl: cannot answer at 127.0.0.1:$dns_port: $!\n";
  fcntl $socket, F_SETFL, O_NONBLOCK;
  return $socket;
}

sub answer {
  my $from = recv $dns, my $question, LONGEST_QUESTION, 0;
  return unless defined $from;
  my ($id, $flags, $questions) = unpack 'n3', $question;
  return unless defined $questions && $questions == 1 && !($flags & 0x8000);
  my ($name, $end) = read_name($question) or return;
  my $type = unpack 'n', substr $question, $end, 2;
  my ($code, $address) = look_up($name);
  my $record = defined $address && $type == A ? pack 'n n n N n a4', 0xC00C, A, 1, TTL, 4, inet_aton($address) : '';
  my $head = pack 'n6', $id, 0x8080 | ($flags & 0x7900) | $code, 1, $record ? 1 : 0, 0, 0;
  send $dns, $head . substr($question, 12, $end + 4 - 12) . $record, 0, $from;
}

# The name that is asked for, and where it ends; nothing when this is no question.
sub read_name {
  my ($question) = @_;
  my ($at, @labels) = (12);
  while ($at < length $question) {
    my $length = ord substr $question, $at++, 1;
    if ($length == 0) { return length $question >= $at + 4 ? (lc join('.', @labels), $at) : () }
    return if $length > 63 || $at + $length > length $question;
    push @labels, substr $question, $at, $length;
    $at += $length;
  }
  return;
}

sub look_up {
  my ($host) = @_;
  my @sockets = sockets();
  return SERVER_FAILED if -d $folder && !@sockets;    # the proxy is not up yet
  my @own = grep { $_->{host} eq $host } @sockets;
  if (!@own) { refuse($host); return NO_SUCH_NAME }
  my $count = keys %address_of;
  my $address = $address_of{$host} //= sprintf '127.83.%d.%d', $count / 250, $count % 250 + 1;
  listen_for($_, $address) for @own;
  return (NO_ERROR, $address);
}

sub sockets {
  opendir my $entries, $folder or return;
  return map { /^(.+):(\d+)$/ ? { host => $1, port => $2, path => "$folder/$_" } : () } readdir $entries;
}

# One line for each name, and at the end of the window how often it was asked for again.
sub refuse {
  my ($host) = @_;
  $window_end ||= time + $window;
  if (exists $refused{$host}) { $refused{$host}++ }
  elsif (keys %refused >= MOST_NAMES) { $further++ }
  else { $refused{$host} = 0; tell_refused($host, 1) }
}

sub tell_window {
  for my $host (sort grep { $refused{$_} } keys %refused) { tell_refused($host, $refused{$host}) }
  say_line('refused further names', times => $further) if $further;
  %refused = ();
  $further = $window_end = 0;
}

sub tell_refused {
  my ($host, $times) = @_;
  say_line('refused: the entry of this service does not list the host in egress', host => $host, times => $times);
}

sub say_line {
  my ($message, %fields) = @_;
  my @time = gmtime;
  my $time = sprintf '%d-%02d-%02dT%02d:%02d:%02dZ', $time[5] + 1900, $time[4] + 1, @time[3, 2, 1, 0];
  my $host = exists $fields{host} ? sprintf ',"host":"%s"', $fields{host} =~ s/[^a-z0-9._-]/?/gr : '';
  my $times = exists $fields{times} ? ",\"times\":$fields{times}" : '';
  print STDERR qq({"level":"warn","time":"$time"$host$times,"msg":"$message"}\n);
}

# --- connections

sub listen_for {
  my ($socket, $address) = @_;
  return if $listening{ $socket->{path} };
  socket my $listener, PF_INET, SOCK_STREAM, 0 or return;
  setsockopt $listener, SOL_SOCKET, SO_REUSEADDR, 1;
  fcntl $listener, F_SETFL, O_NONBLOCK;
  my $is_open = bind($listener, pack_sockaddr_in($socket->{port}, inet_aton($address))) && listen($listener, BACKLOG);
  return say_line("cannot listen at $address:$socket->{port}", host => $socket->{host}) unless $is_open;
  my $number = fileno $listener;
  $listeners{$number} = { socket => $listener, path => $socket->{path} };
  $listening{ $socket->{path} } = $number;
  watch_listeners();
}

# Who comes when there are enough connections waits.
sub watch_listeners {
  my $has_room = keys %ends < 2 * MOST_CONNECTIONS;
  watch_reads($_, $has_room) for keys %listeners;
}

sub accept_from {
  my ($listener) = @_;
  return if keys %ends >= 2 * MOST_CONNECTIONS;
  accept my $client, $listener->{socket} or return;
  socket my $upstream, PF_UNIX, SOCK_STREAM, 0 or return;
  fcntl $_, F_SETFL, O_NONBLOCK for $client, $upstream;
  connect $upstream, pack_sockaddr_un($listener->{path}) or return;    # both are closed
  my ($one, $other) = map { { socket => $_, out => '', eof => 0, shut => 0 } } $client, $upstream;
  ($one->{other}, $other->{other}) = ($other, $one);
  for ($one, $other) { $ends{ fileno $_->{socket} } = $_; watch($_) }
  watch_listeners();
}

# An end is read only when what it has sent has been passed on.
sub watch {
  my ($end) = @_;
  my $number = fileno $end->{socket};
  watch_reads($number, !$end->{eof} && $end->{other}{out} eq '');
  vec($writes, $number, 1) = $end->{out} eq '' ? 0 : 1;
}

sub watch_reads { my ($number, $is_watched) = @_; vec($reads, $number, 1) = $is_watched ? 1 : 0 }

sub read_from {
  my ($end) = @_;
  my $read = sysread $end->{socket}, $end->{other}{out}, CHUNK;
  if (!defined $read) { return $! == EAGAIN || $! == EINTR ? undef : close_both($end) }
  $end->{eof} = 1 if $read == 0;
  write_to($end->{other});
}

sub write_to {
  my ($end) = @_;
  if ($end->{out} ne '') {
    my $written = syswrite $end->{socket}, $end->{out};
    return close_both($end) unless defined $written || $! == EAGAIN || $! == EINTR;
    substr $end->{out}, 0, $written // 0, '';
  }
  if ($end->{out} eq '' && $end->{other}{eof} && !$end->{shut}) {
    shutdown $end->{socket}, SHUT_WR;
    $end->{shut} = 1;
  }
  return close_both($end) if $end->{shut} && $end->{other}{shut};
  watch($_) for $end, $end->{other};
}

sub close_both {
  my ($end) = @_;
  for my $each ($end, delete $end->{other}) {
    my $number = fileno $each->{socket};
    vec($reads, $number, 1) = vec($writes, $number, 1) = 0;
    delete $ends{$number};
    delete $each->{other};
    close $each->{socket};
  }
  watch_listeners();
}

sub max { return $_[0] > $_[1] ? $_[0] : $_[1] }
