/* Takes the GPU's code in as data: FATBIN is the file, SYMBOL the name that C knows it by. */
	.section .nv_fatbin_vdk, "a"
	.balign 16
	.globl SYMBOL
	.hidden SYMBOL
	.type SYMBOL, @object
SYMBOL:
	.incbin FATBIN
	.balign 8
	.size SYMBOL, . - SYMBOL
	.section .note.GNU-stack, "", @progbits
