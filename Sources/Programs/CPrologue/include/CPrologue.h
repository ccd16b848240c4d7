#ifndef CPROLOGUE_H
#define CPROLOGUE_H
#endif
