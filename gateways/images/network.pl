# How the container of a server is connected, for runner.pl. EGRESS in its environment says it: `any`, `listed` (no network), or nothing.
use strict;
use warnings;
use POSIX qw(setgid setuid);
use Socket;

use constant { SIOCADDRT => 0x890B, RTF_UP => 1, RTF_GATEWAY => 2, RTF_HOST => 4, RTF_REJECT => 0x200 };
use constant { USER => 1000, EVERY_BIT => '255.255.255.255' };

my $helper = 0;    # the process id of egress.pl

# Comes before anything that the server can talk to.
sub enter_network {
  my $egress = delete $ENV{EGRESS} // '';
  close_off() if $egress eq 'any';
  start_helper(0) if $egress eq 'listed';
}

# Nothing of this host, which also has the cloud's metadata: neither is the internet.
sub close_off {
  die "network.pl: EGRESS=any needs root, to set routes: the container does not start as root\n" if $> != 0;
  reject('169.254.0.0', '255.255.0.0');
  reject($_, EVERY_BIT) for host_addresses();
  become_user();
}

# As its router, and as the neighbour that it is on each of the networks: Docker gives it the first address.
sub host_addresses {
  open my $routes, '<', '/proc/net/route' or die "network.pl: cannot read /proc/net/route: $!\n";
  my @rows = map { [split] } <$routes>;
  shift @rows;
  my %found;
  for (@rows) {
    my ($network, $router, $flags) = @$_[1, 2, 3];
    if (hex($flags) & RTF_GATEWAY) { $found{ inet_ntoa(pack 'L', hex $router) } = 1 }
    elsif (hex $network) { $found{ inet_ntoa(pack 'N', 1 + unpack 'N', pack 'L', hex $network) } = 1 }
  }
  return sort keys %found;
}

# A struct rtentry, as 64-bit Linux has it.
sub reject {
  my ($address, $mask) = @_;
  my $flags = RTF_UP | RTF_REJECT | ($mask eq EVERY_BIT ? RTF_HOST : 0);
  my @ends = map { pack_sockaddr_in(0, inet_aton($_)) } $address, '0.0.0.0', $mask;
  socket my $socket, PF_INET, SOCK_DGRAM, 0 or die "network.pl: $!\n";
  ioctl $socket, SIOCADDRT, pack('x8 a16 a16 a16 S x62', @ends, $flags)
    or die "network.pl: cannot reject $address: $! (the container needs NET_ADMIN)\n";
}

# For ever: groups, then the group, then the user, and all of their saved copies.
sub become_user {
  $) = join ' ', USER, USER;
  setgid(USER) and setuid(USER) or die "network.pl: cannot become user ${\USER}: $!\n";
  die "network.pl: root would be back\n" if setuid(0) || $> != USER || $< != USER;
}

# @param after how many seconds
sub start_helper {
  my ($pause) = @_;
  my $folder = $0 =~ s{[^/]*$}{}r;
  $helper = fork // die "network.pl: $!\n";
  return if $helper;
  sleep $pause;
  exec $^X, "${folder}egress.pl", '/run/egress';
}

# The server may end it, as both have one user: that must not end its way out. @param the id of a process that has ended
sub helper_ended {
  my ($pid) = @_;
  start_helper(1) if $pid == $helper;
}

1;
