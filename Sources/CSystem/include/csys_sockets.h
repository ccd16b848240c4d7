#ifndef CSYS_SOCKETS_H
#define CSYS_SOCKETS_H
#endif
