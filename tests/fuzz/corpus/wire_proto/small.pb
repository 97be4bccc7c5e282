

abc
Runn